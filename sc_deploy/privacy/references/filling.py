"""What stands in where no reference was trained on a sample, or every one was?

Log-odds of references that trained on a sample lie above those of the others by about the same
step everywhere. A sample that lacks one side gets one made-up reference there: the mean of its
other side, moved by the step. It is the same for members and non-members of the target, so it
costs power and cannot make up a leak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.privacy.references.moments import Moments, moments

if TYPE_CHECKING:
    from sc_deploy.privacy.references.log_odds import LogOdds


def step(seen: LogOdds) -> float:
    """Mean of IN less mean of OUT over the samples that have both; 0 where none has."""
    both = np.flatnonzero(seen.inside.any(axis=0) & ~seen.inside.all(axis=0))
    if not len(both):
        return 0.0
    known = seen.take(both)
    return float((moments(known, inside=True).mean - moments(known, inside=False).mean).mean())


def filled(seen: LogOdds, *, inside: bool, step: float) -> Moments:
    """Moments of one side with no gaps."""
    mine, other = moments(seen, inside=inside), moments(seen, inside=not inside)
    gap = mine.count == 0
    stand_in = other.mean + (step if inside else -step)
    return Moments(np.where(gap, 1, mine.count), np.where(gap, stand_in, mine.mean), mine.squares)
