from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.contracts.arrays import Float64
from sc_deploy.privacy.statistics.bootstrap import tpr_change
from sc_deploy.privacy.statistics.cluster_bootstrap import tpr_change_by_unit
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr
from sc_deploy.privacy.statistics.units import Units

Scores = tuple[Float64, Float64]


def models(n: int, *, spread: float) -> tuple[Scores, Scores]:
    rng = np.random.default_rng(0)
    first = rng.normal(1, 1, n), rng.normal(size=n)
    return first, (
        first[0] + spread * rng.normal(size=n),
        first[1] + spread * rng.normal(size=n),
    )


def test_units_of_one_sample_draw_as_the_plain_bootstrap() -> None:
    first, second = models(800, spread=0.4)
    units = Units(np.arange(800), 800 + np.arange(800))
    plain = tpr_change(first, second, fpr=0.02, seed=0).replicates
    found = tpr_change_by_unit(first, second, fpr=0.02, units=units, seed=0).replicates
    assert found.mean() == pytest.approx(plain.mean(), abs=0.004)
    assert found.std() == pytest.approx(plain.std(), rel=0.1)


def test_copies_under_one_unit_do_not_narrow_the_interval() -> None:
    first, second = models(400, spread=0.4)
    copies = [(np.repeat(side[0], 4), np.repeat(side[1], 4)) for side in (first, second)]
    unit = np.repeat(np.arange(400), 4)
    units = Units(unit, 400 + unit)
    plain = tpr_change(first, second, fpr=0.02, seed=0)
    found = tpr_change_by_unit(copies[0], copies[1], fpr=0.02, units=units, seed=0)
    assert found.value == pytest.approx(plain.value)
    assert found.replicates.std() == pytest.approx(plain.replicates.std(), rel=0.1)


def test_the_draws_are_distributed_as_real_resamples_of_uneven_units() -> None:
    rng = np.random.default_rng(1)
    first, second = models(300, spread=0.4)
    units = Units(rng.integers(0, 80, 300), rng.integers(100, 180, 300))
    slow = []
    for _ in range(1000):
        rows = []
        for unit in (units.members, units.non_members):
            names = np.unique(unit)
            drawn = rng.choice(names, len(names))
            rows.append(np.concatenate([np.flatnonzero(unit == name) for name in drawn]))
        rates = [tpr_at_fpr(s[0][rows[0]], s[1][rows[1]], fpr=0.05).value for s in (first, second)]
        slow.append(rates[1] - rates[0])
    found = tpr_change_by_unit(first, second, fpr=0.05, units=units, seed=0).replicates
    assert found.mean() == pytest.approx(np.mean(slow), abs=0.01)
    assert found.std() == pytest.approx(np.std(slow), rel=0.1)


def test_a_model_does_not_differ_from_itself_and_seeds_repeat() -> None:
    first, second = models(300, spread=0.3)
    units = Units(np.arange(300) // 3, np.arange(300) // 3)
    rate = tpr_change_by_unit(first, first, fpr=0.05, units=units, seed=0).rate(0.9)
    assert (rate.low, rate.value, rate.high) == (0, 0, 0)
    one, other = (
        tpr_change_by_unit(first, second, fpr=0.05, units=units, seed=7).rate(0.9) for _ in range(2)
    )
    assert one == other
