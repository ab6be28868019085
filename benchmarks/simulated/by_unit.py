"""Intervals of samples in units of 1 to 9, whose scores correlate with one half."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from benchmarks.simulated.draws import AUC, LEAK, TWO_SIDED
from benchmarks.simulated.study import Rng, Study
from sc_deploy.privacy.statistics.auc import auc, auc_change
from sc_deploy.privacy.statistics.cluster_bootstrap import tpr_change_by_unit
from sc_deploy.privacy.statistics.clustered import share, share_change
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr
from sc_deploy.privacy.statistics.units import Units

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.simulated.draws import Scores
    from sc_deploy.contracts.arrays import Float64, Int64


def by_unit() -> list[Study]:
    """Intervals of samples in units of 1 to 9, whose scores correlate with one half."""
    told, band_ = auc_by_unit(told=True), band_by_unit(told=True)
    change = bootstrap_by_unit
    return [
        Study("AUC by unit", "120 + 120 units", 0.05, 4_000, told),
        Study("change of AUC by unit", "120 + 120 units", 0.05, 4_000, change_by_unit),
        Study("TPR at 2 % FPR by unit", "400 + 400 units", 0.05, 2_000, band_),
        Study("change of TPR by unit", "300 + 300 units, at the margin", 0.05, 150, change),
        Study("accuracy by unit", "150 units", 0.05, 4_000, accuracy_by_unit),
        Study("lost accuracy by unit", "150 units, at the margin", 0.05, 2_000, lost_by_unit),
    ]


def unit_sizes(rng: Rng, units: int) -> Int64:
    """Units of 1 to 9 samples: unit numbers int64 [n]."""
    return np.repeat(np.arange(units), rng.integers(1, 10, units))


def clustered(rng: Rng, unit: Int64, alike: float = 0.5) -> Float64:
    """Standard normal scores; those of one unit correlate with `alike`."""
    own = rng.normal(size=int(unit.max()) + 1)[unit]
    return math.sqrt(alike) * own + math.sqrt(1 - alike) * rng.normal(size=len(unit))


def drawn_by_unit(rng: Rng, units: int = 120) -> tuple[Scores, Units]:
    inside, outside = unit_sizes(rng, units), unit_sizes(rng, units)
    pair = LEAK + clustered(rng, inside), clustered(rng, outside)
    return pair, Units(inside, units + outside)


def auc_by_unit(*, told: bool) -> Callable[[Rng], float]:
    def errs(rng: Rng) -> float:
        given, units = drawn_by_unit(rng)
        return auc(*given, units=units if told else None).rate(TWO_SIDED).high < AUC

    return errs


def change_by_unit(rng: Rng) -> float:
    first, units = drawn_by_unit(rng)
    noise = clustered(rng, units.members), clustered(rng, units.non_members - 120)
    second = first[0] + 0.3 * noise[0] + 0.1, first[1] + 0.3 * noise[1]
    leak = (LEAK + 0.1) / math.sqrt(1.09)
    truth = float(stats.norm.cdf(leak / math.sqrt(2))) - AUC
    return auc_change(first, second, units=units).rate(TWO_SIDED).high < truth


def band_by_unit(*, told: bool) -> Callable[[Rng], float]:
    truth = float(stats.norm.sf(stats.norm.isf(0.02) - LEAK))

    def errs(rng: Rng) -> float:
        given, units = drawn_by_unit(rng, 400)
        found = tpr_at_fpr(*given, fpr=0.02, units=units if told else None)
        return found.rate(TWO_SIDED).high < truth

    return errs


def bootstrap_by_unit(rng: Rng) -> float:
    fpr, leak = 0.02, (LEAK + 0.2) / math.sqrt(1.09)
    first, units = drawn_by_unit(rng, 300)
    noise = clustered(rng, units.members), clustered(rng, units.non_members - 300)
    second = first[0] + 0.3 * noise[0] + 0.2, first[1] + 0.3 * noise[1]
    truth = float(np.diff(stats.norm.sf(stats.norm.isf(fpr) - np.array([LEAK, leak])))[0])
    seed = int(rng.integers(2**31))
    found = tpr_change_by_unit(first, second, fpr=fpr, units=units, seed=seed)
    return found.rate(TWO_SIDED).high < truth


def accuracy_by_unit(rng: Rng) -> float:
    unit = unit_sizes(rng, 150)
    right = clustered(rng, unit) < stats.norm.ppf(0.85)
    return share(right, unit, confidence=TWO_SIDED).high < 0.85


def lost_by_unit(rng: Rng) -> float:
    """2 pp are lost: wins and losses both gather in the same units."""
    unit = unit_sizes(rng, 150)
    before, after = (clustered(rng, unit) < stats.norm.ppf(p) for p in (0.85, 0.83))
    return -share_change(before, after, unit, confidence=TWO_SIDED).low < 0.02
