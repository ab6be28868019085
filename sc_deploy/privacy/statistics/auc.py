"""How far an attack ranks members above non-members: AUC, its interval, its paired change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from sc_deploy.contracts import Rate
from sc_deploy.privacy.statistics.estimate import p_above
from sc_deploy.privacy.statistics.units import totals

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.statistics.units import Units


@dataclass(frozen=True, slots=True)
class Auc:
    """P(member > non-member) + P(equal) / 2 with DeLong's variance.

    `pairs` is the smaller of the two counts of independent samples, `n` counts all samples;
    `degrees` are those of Student's t, infinite where every sample is a draw of its own.
    """

    value: float
    variance: float
    pairs: int
    n: int
    degrees: float = math.inf

    def rate(self, confidence: float) -> Rate:
        """DeLong's interval on the logit scale, which keeps it inside (0, 1).

        Where that variance is zero it says nothing, and the samples, taken as `pairs`
        independent pairs, bound the truth instead: exactly (Clopper-Pearson) under perfect
        separation, by Hoeffding's inequality (1963, section 5a) where all pairs tie.
        """
        alpha = (1.0 - confidence) / 2
        if self.value in {0.0, 1.0}:
            reach = 1.0 - alpha ** (1.0 / self.pairs)
        elif self.variance <= 0.0:
            reach = math.sqrt(-math.log(alpha) / (2 * self.pairs))
        else:
            return self._logit_interval(-float(stats.t.ppf(alpha, self.degrees)), confidence)
        low, high = max(0.0, self.value - reach), min(1.0, self.value + reach)
        return Rate(self.value, low, high, self.n, confidence)

    def p_above(self, limit: float) -> float:
        return p_above(self, limit)

    def _logit_interval(self, z: float, confidence: float) -> Rate:
        centre = float(special.logit(self.value))
        reach = z * math.sqrt(self.variance) / (self.value * (1.0 - self.value))
        low, high = special.expit([centre - reach, centre + reach])
        return Rate(self.value, float(low), float(high), self.n, confidence)


@dataclass(frozen=True, slots=True)
class AucChange:
    """AUC of a second model minus that of a first on the same samples; paired DeLong variance."""

    value: float
    variance: float
    pairs: int
    n: int
    degrees: float = math.inf

    def rate(self, confidence: float) -> Rate:
        """A normal interval; [0, 0] where both rank all samples alike.

        A change that is not zero and has no variance is bounded by Hoeffding's inequality.
        """
        alpha = (1.0 - confidence) / 2
        if self.variance > 0.0:
            reach = -float(stats.t.ppf(alpha, self.degrees)) * math.sqrt(self.variance)
        elif self.value == 0.0:
            reach = 0.0
        else:
            reach = math.sqrt(-2.0 * math.log(alpha) / self.pairs)
        low, high = max(-1.0, self.value - reach), min(1.0, self.value + reach)
        return Rate(self.value, low, high, self.n, confidence)

    def p_above(self, limit: float) -> float:
        return p_above(self, limit)


def auc(members: Float64, non_members: Float64, *, units: Units | None = None) -> Auc:
    """The AUC of these scores, larger being more member-like; both arrays hold at least one.

    With `units` the variance is Obuchowski's (1997): only whole units are independent draws.
    """
    over, under = _placements(members, non_members)
    spread = _spread(over, under, units)
    return Auc(float(over.mean()), *spread)


def auc_change(
    first: tuple[Float64, Float64],
    second: tuple[Float64, Float64],
    *,
    units: Units | None = None,
) -> AucChange:
    """AUC of `second` minus that of `first`; both are (members, non-members), sample by sample.

    DeLong, DeLong & Clarke-Pearson (1988): the variance of the difference of placements;
    Obuchowski (1997) where samples come in units.
    """
    over_first, under_first = _placements(*first)
    over_second, under_second = _placements(*second)
    over, under = over_second - over_first, under_second - under_first
    return AucChange(float(over.mean()), *_spread(over, under, units))


def _spread(over: Float64, under: Float64, units: Units | None) -> tuple[float, int, int, float]:
    """Variance, independent pairs, samples, degrees of freedom."""
    n = len(over) + len(under)
    if units is None:
        variance = _variance_of_mean(over) + _variance_of_mean(under)
        return variance, min(len(over), len(under)), n, math.inf
    degrees = min(units.counts) - 1
    return _variance_by_unit(over, under, units), min(units.independent), n, degrees


def _placements(members: Float64, non_members: Float64) -> tuple[Float64, Float64]:
    """Share of non-members below each member, and of members above each non-member; ties half."""
    m = len(members)
    n = len(non_members)
    ranks = stats.rankdata(np.concatenate([members, non_members]))
    over = (ranks[:m] - stats.rankdata(members)) / n
    under = 1.0 - (ranks[m:] - stats.rankdata(non_members)) / m
    return np.asarray(over, dtype=np.float64), np.asarray(under, dtype=np.float64)


def _variance_of_mean(placements: Float64) -> float:
    # A single sample has no spread; zero sends the caller to the distribution-free bound.
    # np.ptp first: equal placements must give exactly zero, which np.var may miss by rounding.
    if len(placements) < 2 or np.ptp(placements) == 0.0:
        return 0.0
    return float(placements.var(ddof=1)) / len(placements)


def _variance_by_unit(over: Float64, under: Float64, units: Units) -> float:
    """Obuchowski (1997), equation 5: a unit may hold members, non-members, or both."""
    inside = totals(units.members, _shares(over))
    outside = totals(units.non_members, _shares(under))
    return max(0.0, _between(inside) + _between(outside) + 2.0 * _across(over, under, units))


def _across(over: Float64, under: Float64, units: Units) -> float:
    """Covariance of both sides through units that have samples on both; zero without any."""
    shared = np.intersect1d(units.members, units.non_members)
    if not len(shared):
        return 0.0
    both = np.concatenate([units.members, units.non_members])
    zeros = np.zeros(len(over)), np.zeros(len(under))
    inside = totals(both, np.concatenate([_shares(over), zeros[1]]))
    outside = totals(both, np.concatenate([zeros[0], _shares(under)]))
    return float(inside @ outside) * len(inside) / (len(inside) - 1)


def _shares(placements: Float64) -> Float64:
    """What each sample adds to the mean's error; exactly zero where all placements are equal."""
    if np.ptp(placements) == 0.0:
        return np.zeros_like(placements)
    return np.asarray((placements - placements.mean()) / len(placements))


def _between(sums: Float64) -> float:
    return float(sums @ sums) * len(sums) / (len(sums) - 1) if len(sums) > 1 else 0.0
