"""Scores of members and non-members, their leak being known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy import stats

if TYPE_CHECKING:
    from benchmarks.simulated.study import Rng
    from sc_deploy.contracts.arrays import Float64

    Scores = tuple[Float64, Float64]

TWO_SIDED = 0.9
LEAK = 0.5
AUC = float(stats.norm.cdf(LEAK / math.sqrt(2)))


def scores(rng: Rng, n: int, leak: float = LEAK) -> Scores:
    return rng.normal(leak, 1, n), rng.normal(size=n)


def again(rng: Rng, first: Scores, *, noise: float, leak: float = 0.0) -> Scores:
    """The same samples by another model; of every score 1 / (1 + noise^2) of the variance stays."""
    scale = math.sqrt(1.0 + noise * noise)
    members, others = ((side + noise * rng.normal(size=len(side))) / scale for side in first)
    return members + leak, others
