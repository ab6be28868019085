"""When many bounds together allow, or force, one decision."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Rate

POWER = 0.9


def holm(p_values: Sequence[float], *, alpha: float) -> tuple[bool, ...]:
    """Which hypotheses fall while the chance of any false rejection stays below `alpha`.

    Holm (1979): from the smallest p on, each is held against alpha over the number that is left,
    until one stands.
    """
    rejected = [False] * len(p_values)
    for left, number in zip(
        range(len(p_values), 0, -1),
        sorted(range(len(p_values)), key=p_values.__getitem__),
        strict=True,
    ):
        if p_values[number] > alpha / left:
            break
        rejected[number] = True
    return tuple(rejected)


def benjamini_hochberg(p_values: Sequence[float], *, rate: float) -> tuple[bool, ...]:
    """Which hypotheses fall while, of those that fall, at most `rate` do so falsely on average.

    Benjamini and Hochberg (1995). For pointing at slices that deserve a look: unlike Holm's it
    makes no promise about any single one of them. It holds for independent and for positively
    dependent p-values.
    """
    if not p_values:
        return ()
    adjusted = stats.false_discovery_control(np.asarray(p_values, dtype=np.float64))
    return tuple(bool(value <= rate) for value in adjusted)


def samples_needed(rate: Rate, limit: float) -> int | None:
    """Samples in all with which an upper bound below `limit` is found with 90 % power.

    Assumes that the width of the interval shrinks with the root of n. None where the point lies
    at or beyond the limit: then more data will not help.
    """
    room = limit - rate.value
    if room <= 0.0:
        return None
    z = float(stats.norm.ppf((1.0 + rate.confidence) / 2))
    reach = (rate.high - rate.value) * (1.0 + float(stats.norm.ppf(POWER)) / z)
    return max(rate.n, math.ceil(rate.n * (reach / room) ** 2))
