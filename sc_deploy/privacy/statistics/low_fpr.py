"""How many members an attack names while it wrongly names at most a given share of others.

The threshold comes from the same non-members that measure it, so a plain binomial interval is
too narrow. Order statistics of the non-members bound where the true threshold lies, Clopper and
Pearson bound the members beyond it; the error is shared equally and the band is distribution-free,
ties included.

Where samples come in units, both steps count with the fewest independent samples that these may be
worth (`units.independent`). At such rates a bootstrap of units has too few exceedances to know how
they cluster, and comes out too narrow.
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
    from sc_deploy.privacy.statistics.units import Units


@dataclass(frozen=True, slots=True, eq=False)
class TprAtFpr:
    """TPR at a false-positive rate. Both score arrays are ascending float64.

    `realised_fpr` is the share of non-members above the threshold of the point value; ties push
    it below `fpr`; `independent` counts the members and non-members that are draws of their own.
    """

    members: Float64
    non_members: Float64
    fpr: float
    independent: tuple[int, int]

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
        draws, n = self.independent[1], len(self.non_members)
        k = int(stats.binom.ppf(beta, draws, self.fpr))
        if k < 1:
            return 0.0
        place = (k - 1) * n // draws + 1
        hits = _count_above(self.members, float(self.non_members[-place]))
        return lower_bound(self._worth(hits), self.independent[0], alpha=beta)

    def _high(self, beta: float) -> float:
        # Least k with P(Beta(k, n0 - k + 1) >= fpr) >= 1 - beta; that is P(Bin < k) >= 1 - beta.
        draws, n = self.independent[1], len(self.non_members)
        k = int(stats.binom.ppf(1.0 - beta, draws, self.fpr)) + 1
        if k > draws:
            return 1.0
        place = min(n, -(-k * n // draws))
        hits = len(self.members) - int(np.searchsorted(self.members, self.non_members[-place]))
        return upper_bound(self._worth(hits), self.independent[0], alpha=beta)

    def _worth(self, hits: int) -> float:
        """The same share of the independent members."""
        return hits * self.independent[0] / len(self.members)


def tpr_at_fpr(
    members: Float64, non_members: Float64, *, fpr: float, units: Units | None = None
) -> TprAtFpr:
    """The estimate for these scores in any order, larger being more member-like."""
    sizes = (len(members), len(non_members)) if units is None else units.independent
    return TprAtFpr(np.sort(members), np.sort(non_members), fpr, sizes)


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
