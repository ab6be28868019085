"""How sure one can be of shares where samples come in units."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from sc_deploy.contracts import Rate
from sc_deploy.privacy.statistics.proportion import (
    Decisions,
    balanced_accuracy,
    lower_bound,
    tango,
    upper_bound,
)
from sc_deploy.privacy.statistics.units import independent, totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.privacy.statistics.units import Units


def worth(values: NDArray[np.generic], unit: Int64, *, confidence: float) -> float:
    """How many independent samples know the mean of `values` [n] as well as these do.

    n over the design effect, which compares the variance between units with that of independent
    samples, and less for few units, whose variance is uncertain (Korn & Graubard 1998). Never
    more than n. Where no value differs from another, nothing shows how they cluster, and they
    are worth what they are at the worst: `units.independent`.
    """
    n, given = len(values), values.astype(np.float64)
    spread = given - given.mean()
    sums = totals(unit, spread)
    if len(sums) < 2 or not spread.any():
        return float(independent(unit))
    between = float(sums @ sums) * len(sums) / (len(sums) - 1)
    alone = float(spread @ spread) * n / (n - 1)
    tail = (1.0 - confidence) / 2
    few = float(stats.t.ppf(tail, n - 1) / stats.t.ppf(tail, len(sums) - 1)) ** 2
    return min(float(n), n * few * alone / between) if between > 0.0 else float(n)


def share(values: NDArray[np.bool_], unit: Int64, *, confidence: float) -> Rate:
    """Share of true values with the interval of Clopper and Pearson for what they are worth.

    Korn & Graubard (Survey Methodology 24, 1998). `n` counts all samples.
    """
    draws, value = worth(values, unit, confidence=confidence), float(values.mean())
    alpha, hits = (1.0 - confidence) / 2, value * draws
    low, high = lower_bound(hits, draws, alpha=alpha), upper_bound(hits, draws, alpha=alpha)
    return Rate(value, min(low, value), max(high, value), len(values), confidence)


def share_change(
    before: NDArray[np.bool_], after: NDArray[np.bool_], unit: Int64, *, confidence: float
) -> Rate:
    """Share of `after` minus share of `before` on the same samples bool [n]: Tango's interval
    for what the differences are worth."""
    changed = after.astype(np.int64) - before
    scale = worth(changed, unit, confidence=confidence) / len(changed)
    won, lost = (float(np.count_nonzero(changed == sign)) * scale for sign in (1, -1))
    found = tango(won, lost, len(changed) * scale, confidence=confidence)
    return replace(found, value=float(changed.mean()), n=len(changed))


def mean(parts: Sequence[Rate], units: Sequence[Int64], *, confidence: float) -> Rate:
    """Mean of groups' figures, each with the units int64 [n] of its samples.

    Intervals are joined as those of independent groups (Zou and Donner 2008), or, where a unit
    has samples in two of them, as if the groups erred together.
    """
    count = len(parts)
    apart = len(np.unique(np.concatenate(units))) == sum(len(np.unique(unit)) for unit in units)
    join = math.hypot if apart else lambda *reach: sum(reach)
    value = sum(part.value for part in parts) / count
    down = join(*(part.value - part.low for part in parts)) / count
    up = join(*(part.high - part.value for part in parts)) / count
    return Rate(value, value - down, value + up, sum(part.n for part in parts), confidence)


def balanced_share(
    members_right: NDArray[np.bool_],
    non_members_right: NDArray[np.bool_],
    units: Units,
    *,
    confidence: float,
) -> Rate:
    """Mean of both shares of right decisions, each side for what it is worth."""
    sides = ((members_right, units.members), (non_members_right, units.non_members))
    counts = []
    for right, unit in sides:
        draws = worth(right, unit, confidence=confidence)
        counts += [float(right.mean()) * draws, draws]
    found = balanced_accuracy(Decisions(*counts), confidence=confidence)
    return replace(found, n=len(members_right) + len(non_members_right))
