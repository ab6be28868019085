"""How likely an upper bound comes out below its limit, before anything is measured.

Scores are taken as normal with equal spread (binormal), so that one AUC fixes the whole ROC curve.
`n` is always (independent members, independent non-members), `confidence` that of the one-sided
bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special, stats

from sc_deploy.privacy.statistics.proportion import tango_variance

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64

GRID = 400
# A resample holds few distinct scores near its threshold, so the bootstrap's interval comes out
# wider than the spread of what it estimates: by about a fifth in simulations.
BOOTSTRAP_WIDENING = 1.2

Sizes = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Scored:
    """What is assumed of an attack: the AUC that it truly has, and how scores of source and
    artifact correlate on the same samples."""

    auc: float = 0.5
    correlation: float = 0.96

    @property
    def distance(self) -> float:
        """Between the means of members' and non-members' scores, in standard deviations."""
        return math.sqrt(2.0) * float(stats.norm.ppf(self.auc))

    def tpr(self, fpr: Float64 | float) -> Float64:
        return np.asarray(stats.norm.cdf(self.distance + stats.norm.ppf(fpr)))

    def spread(self, n: Sizes) -> float:
        """Standard deviation of the measured AUC (Hanley & McNeil 1982)."""
        a = self.auc
        over, under = a / (2.0 - a) - a * a, 2.0 * a * a / (1.0 + a) - a * a
        return math.sqrt(over / n[0] + under / n[1])


def auc_passes(limit: float, n: Sizes, truth: Scored, *, confidence: float) -> float:
    """Of `Auc.rate(...).high < limit`; exact as both sides grow."""
    room = float(special.logit(limit) - special.logit(truth.auc))
    error = truth.spread(n) / (truth.auc * (1.0 - truth.auc))
    return float(stats.norm.cdf(room / error - stats.norm.ppf(confidence)))


def auc_change_passes(margin: float, n: Sizes, truth: Scored, *, confidence: float) -> float:
    """Of a paired change of AUC whose truth is 0.

    Normal scores of correlation r have placements of correlation 6 / pi asin(r / 2) (Pearson's
    formula for Spearman's rho), so the variance of the difference is 2 (1 - that) of one AUC's.
    """
    placed = 6.0 / math.pi * math.asin(truth.correlation / 2.0)
    error = truth.spread(n) * math.sqrt(2.0 * (1.0 - placed))
    if error == 0.0:
        return 1.0
    return float(stats.norm.cdf(margin / error - stats.norm.ppf(confidence)))


def tpr_passes(limit: float, n: Sizes, truth: Scored, *, fpr: float, confidence: float) -> float:
    """Of `TprAtFpr.rate(...).high < limit`; exact under the binormal curve, but for a grid.

    The bound reads the k-th highest non-member, whose false-positive rate is a beta variable, and
    counts the members above it, a binomial one.
    """
    beta = (1.0 - confidence) / 2
    k = int(stats.binom.ppf(1.0 - beta, n[1], fpr)) + 1
    # Clopper and Pearson's bound of h hits lies below the limit where P(Bin(limit) <= h) < beta.
    most = int(stats.binom.ppf(beta, n[0], limit)) - 1
    if k > n[1] or most < 0:
        return 0.0
    middles = (np.arange(GRID) + 0.5) / GRID
    rates = stats.beta.ppf(middles, k, n[1] - k + 1)
    return float(np.mean(stats.binom.cdf(most, n[0], truth.tpr(rates))))


def tpr_change_passes(
    margin: float, n: Sizes, truth: Scored, *, fpr: float, confidence: float
) -> float:
    """Of a paired bootstrap of the TPR's change whose truth is 0; a normal approximation.

    Members who lie above one model's threshold and below the other's make half of the variance;
    the other half comes from non-members, who move the two thresholds apart.
    """
    cut = float(stats.norm.isf(fpr))
    slope = float(stats.norm.pdf(cut - truth.distance) / stats.norm.pdf(cut))
    inside = _parted(cut - truth.distance, truth.correlation) / n[0]
    outside = slope**2 * _parted(cut, truth.correlation) / n[1]
    error = math.sqrt(inside + outside)
    if error == 0.0:
        return 1.0
    reach = BOOTSTRAP_WIDENING * float(stats.norm.ppf(confidence))
    return float(stats.norm.cdf(margin / error - reach))


def share_change_passes(margin: float, n: int, changed: float, *, confidence: float) -> float:
    """Of Tango's bound on what accuracy is lost, where a share `changed` of the samples gets
    another answer, and as many are won as lost (Nam 1997)."""
    each = n * changed / 2
    under_limit = math.sqrt(tango_variance(each, each, n, margin))
    reach = n * margin - float(stats.norm.ppf(confidence)) * under_limit
    if changed == 0.0:
        return float(reach > 0.0)
    return float(stats.norm.cdf(reach / math.sqrt(n * changed)))


def balanced_change_passes(
    margin: float, sizes: tuple[int, ...], changed: float, *, confidence: float
) -> float:
    """Of `BalancedChange.rate(...).high < margin` where nothing is gained: groups of these sizes,
    in each of which a share `changed` of the answers differs, as many won as lost.

    The joined interval reaches as far as the root of the summed squares of the groups' reaches
    (Zou & Donner 2008), so it is taken for normal with the mean of their variances.
    """
    error = math.sqrt(sum(changed / n for n in sizes)) / len(sizes)
    # Nothing changed, or so little that Tango's bound rests on its own variance at the margin.
    under_margin = math.sqrt(
        sum(tango_variance(n * changed / 2, n * changed / 2, n, margin) / n**2 for n in sizes)
    ) / len(sizes)
    reach = margin - float(stats.norm.ppf(confidence)) * under_margin
    if error == 0.0:
        return float(reach > 0.0)
    return float(stats.norm.cdf(reach / error))


@dataclass(frozen=True, slots=True)
class Guessing:
    """So many canaries, of which a share is guessed: the highest and the lowest scores."""

    canaries: int
    share: float

    @property
    def guesses(self) -> int:
        return 2 * max(1, int(self.canaries * self.share / 2))

    def right(self, truth: Scored) -> float:
        """How often a guess is right where coins are fair; .5 where scores tell nothing."""
        half = self.share / 2
        d = truth.distance

        def above(cut: float) -> float:
            return float(stats.norm.sf(cut - d) + stats.norm.sf(cut)) / 2 - half

        cut = float(optimize.brentq(above, -40.0, 40.0 + d))
        return float(stats.norm.sf(cut - d)) / (2 * half)


def guesses_pass(limit: float, drawn: Guessing, truth: Scored, *, confidence: float) -> float:
    """Of Clopper and Pearson's bound of the right guesses; exact for scores that tell nothing.

    Otherwise guesses far from the middle are right more often than those near it, which only
    lessens the spread of their number.
    """
    alpha = 1.0 - confidence
    most = int(stats.binom.ppf(alpha, drawn.guesses, limit)) - 1
    return float(stats.binom.cdf(most, drawn.guesses, drawn.right(truth)))


def detectable_epsilon(canaries: int, *, confidence: float, power: float) -> float:
    """The least epsilon that one run's coins show to be above 0 with this power.

    Every coin is guessed, each right as often as that epsilon allows (Steinke et al. 2023).
    """
    least = int(stats.binom.ppf(confidence, canaries, 0.5)) + 1
    share = float(stats.beta.ppf(power, least, canaries - least + 1))
    return float(special.logit(share))


def _parted(cut: float, correlation: float) -> float:
    """How often exactly one of two standard normals of this correlation lies above the cut."""
    both = stats.multivariate_normal.cdf(
        [-cut, -cut],
        mean=[0.0, 0.0],
        cov=[[1.0, correlation], [correlation, 1.0]],
        allow_singular=True,
    )
    return max(0.0, 2.0 * (float(stats.norm.sf(cut)) - float(both)))
