from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.statistics.auc import auc, auc_change
from sc_deploy.privacy.statistics.equivalence import NO_BETTER_THAN_A_COIN, Band, equivalence


def test_the_p_value_is_the_larger_of_the_two_one_sided_ones() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=300), rng.normal(size=300)
    second = first[0] + 0.3 * rng.normal(size=300), first[1] + 0.3 * rng.normal(size=300)
    change = auc_change(first, second)
    error = change.variance**0.5
    found = equivalence(change, Band(0.0, 0.02), confidence=0.95)
    above = float(stats.norm.sf((0.02 - change.value) / error))
    below = float(stats.norm.sf((change.value + 0.02) / error))
    assert found.p == pytest.approx(max(above, below), abs=1e-6)
    assert found.holds == (found.p < 0.05)


def test_few_samples_show_no_equivalence_though_nothing_is_significant() -> None:
    rng = np.random.default_rng(1)
    few = auc(rng.normal(size=100), rng.normal(size=100))
    assert few.rate(0.9).low < 0.5 < few.rate(0.9).high
    assert not equivalence(few, NO_BETTER_THAN_A_COIN, confidence=0.95).holds


def test_many_samples_of_a_model_without_leak_do() -> None:
    rng = np.random.default_rng(2)
    many = auc(rng.normal(size=20_000), rng.normal(size=20_000))
    found = equivalence(many, NO_BETTER_THAN_A_COIN, confidence=0.95)
    assert found.holds
    assert found.p < 0.05


def test_a_figure_outside_the_band_has_no_p_value_below_one_half() -> None:
    rng = np.random.default_rng(3)
    leaky = auc(rng.normal(1, 1, 500), rng.normal(size=500))
    assert equivalence(leaky, NO_BETTER_THAN_A_COIN, confidence=0.95).p >= 0.5


def test_worse_than_a_coin_is_not_equivalent_either() -> None:
    rng = np.random.default_rng(4)
    swapped = auc(rng.normal(size=5000), rng.normal(0.3, 1, 5000))
    assert not equivalence(swapped, NO_BETTER_THAN_A_COIN, confidence=0.95).holds
