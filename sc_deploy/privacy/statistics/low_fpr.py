"""How many members an attack names while it wrongly names at most a given share of others.

The threshold comes from the same non-members that measure it, so a plain binomial interval is
too narrow. Order statistics of the non-members bound where the true threshold lies, Clopper and
Pearson bound the members beyond it; the error is shared equally and the band is distribution-free,
ties included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from sc_deploy.contracts import Rate
from sc_deploy.privacy.statistics.estimate import p_above
from sc_deploy.privacy.statistics.proportion import lower_bound, upper_bound

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64


@dataclass(frozen=True, slots=True, eq=False)
class TprAtFpr:
    """TPR at a false-positive rate. Both score arrays are ascending float64.

    `realised_fpr` is the share of non-members above the threshold of the point value; ties push
    it below `fpr`.
    """

    members: Float64
    non_members: Float64
    fpr: float

    @property
    def _cut(self) -> float:
        return float(self.non_members[-1 - allowed(self.fpr, len(self.non_members))])

    @property
    def value(self) -> float:
        return _count_above(self.members, self._cut) / len(self.members)

    @property
    def realised_fpr(self) -> float:
        return _count_above(self.non_members, self._cut) / len(self.non_members)

    def rate(self, confidence: float) -> Rate:
        beta = (1.0 - confidence) / 4
        value = self.value
        low, high = min(value, self._low(beta)), max(value, self._high(beta))
        return Rate(value, low, high, len(self.members) + len(self.non_members), confidence)

    def p_above(self, limit: float) -> float:
        return p_above(self, limit)

    def _low(self, beta: float) -> float:
        # Greatest k with P(Beta(k, n0 - k + 1) <= fpr) >= 1 - beta; that is P(Bin < k) <= beta.
        k = int(stats.binom.ppf(beta, len(self.non_members), self.fpr))
        if k < 1:
            return 0.0
        hits = _count_above(self.members, float(self.non_members[-k]))
        return lower_bound(hits, len(self.members), alpha=beta)

    def _high(self, beta: float) -> float:
        # Least k with P(Beta(k, n0 - k + 1) >= fpr) >= 1 - beta; that is P(Bin < k) >= 1 - beta.
        k = int(stats.binom.ppf(1.0 - beta, len(self.non_members), self.fpr)) + 1
        if k > len(self.non_members):
            return 1.0
        hits = len(self.members) - int(np.searchsorted(self.members, self.non_members[-k]))
        return upper_bound(hits, len(self.members), alpha=beta)


def tpr_at_fpr(members: Float64, non_members: Float64, *, fpr: float) -> TprAtFpr:
    """The estimate for these scores in any order, larger being more member-like."""
    return TprAtFpr(np.sort(members), np.sort(non_members), fpr)


def allowed(fpr: float, non_members: int) -> int:
    """How many false positives the rate allows; the guard undoes rounding such as .07 * 100."""
    return min(non_members - 1, math.floor(fpr * non_members + 1e-9))


def least_non_members(fpr: float, *, confidence: float) -> int:
    """Non-members needed before the lower bound of `rate(confidence)` can say anything.

    368 at 1 %, 3,688 at 0.1 % and 36,887 at 0.01 % for one-sided bounds at 95 %
    (confidence 0.9).
    """
    beta = (1.0 - confidence) / 4
    return math.ceil(math.log(beta) / math.log1p(-fpr))


def _count_above(ascending: Float64, cut: float) -> int:
    return len(ascending) - int(np.searchsorted(ascending, cut, side="right"))
