"""How sure one can be of a share of samples, and of the change of a share on the same samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, stats

from sc_deploy.contracts import Rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts import Guesses

TINY = 1e-9


def lower_bound(hits: float, n: float, *, alpha: float) -> float:
    """Clopper and Pearson's one-sided bound: too high with probability at most `alpha`.

    Counts may be fractions, where samples in units are worth fewer than there are.
    """
    return float(stats.beta.ppf(alpha, hits, n - hits + 1)) if hits > 0 else 0.0


def upper_bound(hits: float, n: float, *, alpha: float) -> float:
    """Clopper and Pearson's one-sided bound: too low with probability at most `alpha`."""
    return float(stats.beta.ppf(1.0 - alpha, hits + 1, n - hits)) if hits < n else 1.0


def proportion(hits: int, n: int, *, confidence: float) -> Rate:
    """hits / n with the exact interval of Clopper and Pearson (1934); n >= 1."""
    alpha = (1.0 - confidence) / 2
    low, high = lower_bound(hits, n, alpha=alpha), upper_bound(hits, n, alpha=alpha)
    return Rate(hits / n, low, high, n, confidence)


@dataclass(frozen=True, slots=True)
class Decisions:
    """How often a decision rule was right on members and on non-members.

    Fractions where samples in units are worth fewer than there are.
    """

    members_right: float
    members: float
    non_members_right: float
    non_members: float


def balanced_accuracy(decisions: Decisions, *, confidence: float) -> Rate:
    """Mean of the two shares, as if both sets were equally large.

    The interval joins two Wilson intervals (Newcombe 1998, method 10 for a sum of two).
    """
    first = _wilson(decisions.members_right, decisions.members, confidence)
    second = _wilson(decisions.non_members_right, decisions.non_members, confidence)
    value = (first.value + second.value) / 2
    down = math.hypot(first.value - first.low, second.value - second.low) / 2
    up = math.hypot(first.high - first.value, second.high - second.value) / 2
    return Rate(value, value - down, value + up, first.n + second.n, confidence)


def mean_share(groups: Sequence[NDArray[np.bool_]], *, confidence: float) -> Rate:
    """Mean of the groups' shares of true values; with one group a class, balanced accuracy.

    Of one group the exact interval; several join their Wilson intervals (Zou and Donner 2008).
    Every group has at least one value.
    """
    if len(groups) == 1:
        return proportion(int(groups[0].sum()), len(groups[0]), confidence=confidence)
    parts = [_wilson(int(group.sum()), len(group), confidence) for group in groups]
    value = sum(part.value for part in parts) / len(parts)
    down = math.hypot(*(part.value - part.low for part in parts)) / len(parts)
    up = math.hypot(*(part.high - part.value for part in parts)) / len(parts)
    return Rate(value, value - down, value + up, sum(part.n for part in parts), confidence)


def attack_accuracy(guesses: Guesses, *, confidence: float) -> Rate:
    """`guesses.accuracy` with its interval, from a Wilson interval for each group."""
    parts = [_wilson(int(group.sum()), len(group), confidence) for group in guesses.right]
    groups = len(parts)
    scale = 0.5 / (groups - 1)
    down = scale * math.hypot(*(part.value - part.low for part in parts))
    up = scale * math.hypot(*(part.high - part.value for part in parts))
    value = guesses.accuracy
    return Rate(value, value - down, value + up, sum(part.n for part in parts), confidence)


def paired_change(
    before: NDArray[np.bool_], after: NDArray[np.bool_], *, confidence: float
) -> Rate:
    """Share of `after` minus share of `before` on the same samples bool [N].

    Tango's score interval (1998), which has a width even where no answer changed.
    """
    won = int(np.count_nonzero(after & ~before))
    lost = int(np.count_nonzero(before & ~after))
    return tango(won, lost, len(before), confidence=confidence)


def tango(won: float, lost: float, n: float, *, confidence: float) -> Rate:
    """Tango's interval of (won - lost) / n; fractions where samples are worth fewer."""
    z = -float(stats.norm.ppf((1.0 - confidence) / 2))
    return Rate(
        (won - lost) / n,
        -_tango_upper(lost, won, n, z),
        _tango_upper(won, lost, n, z),
        math.floor(n),
        confidence,
    )


def _tango_upper(won: float, lost: float, n: float, z: float) -> float:
    """The largest change that `won` and `lost` discordant pairs do not reject."""
    value = (won - lost) / n
    if value == 1.0:
        return 1.0

    def distance(change: float) -> float:
        return (won - lost - n * change) + z * math.sqrt(tango_variance(won, lost, n, change))

    # Where the variance at `value` is zero, `value` itself is a root, and not the one wanted.
    start = value + TINY
    return float(optimize.brentq(distance, start, 1.0, xtol=TINY)) if distance(start) > 0 else value


def tango_variance(won: float, lost: float, n: float, change: float) -> float:
    """Variance of won - lost under `change`, at the restricted maximum-likelihood estimate."""
    b = -won - lost + (2 * n - won + lost) * change
    c = -lost * change * (1.0 - change)
    lost_share = (math.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    return max(0.0, n * (2 * lost_share + change * (1.0 - change)))


def _wilson(hits: float, n: float, confidence: float) -> Rate:
    z = float(stats.norm.ppf((1.0 + confidence) / 2))
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Rate(
        share, min(share, centre - reach), max(share, centre + reach), math.floor(n), confidence
    )
