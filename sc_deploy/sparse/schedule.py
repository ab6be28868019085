"""How large is a move at this step, and may the topology still move?"""

from __future__ import annotations

import math


def drop_fraction(step: int, *, initial: float, end: float) -> float:
    """Cosine from `initial` at step 0 to zero at step `end` (RigL, section 3, update schedule)."""
    return initial / 2 * (1 + math.cos(math.pi * min(step / end, 1.0)))


def may_move(step: int, *, end: float) -> bool:
    """Whether a topology that settles at step `end` still moves at `step`."""
    return step < end
