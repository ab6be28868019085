from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.privacy.statistics.balanced_change import BalancedChange
from sc_deploy.privacy.statistics.proportion import paired_change


def drawn(share: float, n: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.random.default_rng(seed).random(n) < share


def test_one_group_is_the_paired_change() -> None:
    before, after = drawn(0.5, 200, 0), drawn(0.7, 200, 1)
    found = BalancedChange(((before, after),)).rate(0.9)
    expected = paired_change(before, after, confidence=0.9)
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_groups_count_alike_however_large_they_are() -> None:
    small = np.zeros(10, bool), np.ones(10, bool)
    large = np.zeros(990, bool), np.zeros(990, bool)
    assert BalancedChange((small, large)).rate(0.9).value == pytest.approx(0.5)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = []
    for seed in range(200):
        groups = tuple(
            (drawn(0.5, n, 4 * seed + i), drawn(0.6, n, 4 * seed + 2 + i))
            for i, n in enumerate((60, 200))
        )
        rate = BalancedChange(groups).rate(0.9)
        covered.append(rate.low <= 0.1 <= rate.high)
    assert 0.84 < np.mean(covered) < 0.97


def test_the_p_value_is_small_where_the_lower_bound_is_above_the_limit() -> None:
    found = BalancedChange(((drawn(0.4, 500, 0), drawn(0.8, 500, 1)),))
    assert found.p_above(0.05) < 1e-6
    assert found.p_above(0.6) > 0.5


def test_units_with_samples_in_both_groups_widen_the_interval() -> None:
    """Then the groups err together, and half their widths may not be taken from each other."""
    before, after, unit = drawn(0.4, 300, 0), drawn(0.6, 300, 1), np.arange(300)
    groups = ((before, after), (before, after))
    apart = BalancedChange(groups, (unit, unit + 300)).rate(0.9)
    together = BalancedChange(groups, (unit, unit)).rate(0.9)
    alone = BalancedChange(groups[:1], (unit,)).rate(0.9)
    assert together.high - together.low == pytest.approx(alone.high - alone.low)
    assert apart.high - apart.low < 0.8 * (together.high - together.low)
