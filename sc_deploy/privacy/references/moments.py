"""Where the references' log-odds of each sample lie, and how far they scatter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64, Int64
    from sc_deploy.privacy.references.log_odds import LogOdds


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Of the references of one side, for N samples: `count` int64 [N], `mean` float64 [N] (NaN
    where there are none) and `squares` float64 [N], the sum of squared residuals."""

    count: Int64
    mean: Float64
    squares: Float64

    @property
    def freedom(self) -> Int64:
        """Degrees of freedom of each sample's variance."""
        return np.maximum(self.count - 1, 0)

    @property
    def pooled(self) -> float:
        """The within-example standard deviation over all samples; NaN where no sample has two.

        LiRA's public code takes one standard deviation over all samples, which also holds how
        unlike the samples are, and computes that of OUT from IN.
        """
        freedom = int(self.freedom.sum())
        return float(np.sqrt(self.squares.sum() / freedom)) if freedom else float("nan")


def moments(seen: LogOdds, *, inside: bool) -> Moments:
    """Of the references trained on each sample (`inside`), or of those that were not."""
    chosen = seen.inside if inside else ~seen.inside
    count = chosen.sum(axis=0)
    total = np.where(chosen, seen.references, 0.0).sum(axis=0)
    mean = np.full(len(count), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    residuals = np.where(chosen, seen.references - mean, 0.0)
    return Moments(count, mean, np.einsum("kn,kn->n", residuals, residuals))
