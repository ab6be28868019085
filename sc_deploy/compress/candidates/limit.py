"""Who leaks no more than a limit, allowing for how many were looked at?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.compress.candidates.marks import CONFIDENCE
from sc_deploy.privacy.statistics.proportion import attack_accuracy

if TYPE_CHECKING:
    from sc_deploy.compress.candidates.marks import Marks


def within(marks: Marks, limit: float | None, *, among: int) -> bool:
    """Whether the upper bound of every attack's accuracy is within the limit, if there is one.

    The bound is one-sided with 1 - 0.05 / `among` (Bonferroni): of so many candidates that all
    leak more than the limit, one is let through in at most one case of twenty. The number of
    attacks needs no correction, because all of their bounds must hold.
    """
    if limit is None:
        return True
    confidence = 1 - (1 - CONFIDENCE) / among
    bounds = (attack_accuracy(found, confidence=confidence).high for _, found in marks.guesses)
    return max([0.5, *bounds]) <= limit
