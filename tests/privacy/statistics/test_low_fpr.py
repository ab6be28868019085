from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.statistics.low_fpr import least_non_members, tpr_at_fpr

TRUTH = float(stats.norm.sf(stats.norm.isf(0.01) - 1.0))


@pytest.mark.parametrize(("fpr", "n"), [(0.01, 368), (0.001, 3688), (0.0001, 36887)])
def test_least_numbers_of_non_members_are_those_of_the_literature(fpr: float, n: int) -> None:
    assert least_non_members(fpr, confidence=0.9) == n
    members, enough, too_few = np.full(50, 9.0), -np.linspace(0, 1, n), -np.linspace(0, 1, n - 1)
    assert tpr_at_fpr(members, enough, fpr=fpr).rate(0.9).low > 0
    assert tpr_at_fpr(members, too_few, fpr=fpr).rate(0.9).low == 0


@pytest.mark.parametrize(
    ("n", "fpr", "k"),
    [(1000, 0.001, 4), (5000, 0.001, 11), (50_000, 0.001, 65), (1000, 0.01, 18), (5000, 0.01, 65)],
)
def test_the_upper_bound_reads_the_tabled_order_statistic(n: int, fpr: float, k: int) -> None:
    """Members that lie just below the k-th highest non-member count, one place lower do not."""
    others = -np.arange(1, n + 1, dtype=np.float64)
    at, below = np.full(100, -k + 0.0), np.full(100, -k - 0.5)
    assert tpr_at_fpr(at, others, fpr=fpr).rate(0.9).high == 1.0
    assert tpr_at_fpr(below, others, fpr=fpr).rate(0.9).high < 0.05


def test_a_model_without_leak_is_certified_as_the_table_says() -> None:
    rng = np.random.default_rng(0)
    highs = [
        tpr_at_fpr(rng.normal(size=5000), rng.normal(size=5000), fpr=0.01).rate(0.9).high
        for _ in range(40)
    ]
    assert np.mean(highs) == pytest.approx(0.0165, abs=0.002)


@pytest.mark.parametrize("decimals", [None, 1], ids=["continuous", "tied"])
def test_the_band_covers_the_truth(decimals: int | None) -> None:
    rng = np.random.default_rng(1)
    over = under = 0
    for _ in range(400):
        members, others = rng.normal(1, 1, 800), rng.normal(size=1000)
        truth = TRUTH
        if decimals is not None:
            members, others = members.round(decimals), others.round(decimals)
            # The least threshold with a false-positive rate of at most 1 % on this grid.
            truth = float(stats.norm.sf(2.35 - 1))
        rate = tpr_at_fpr(members, others, fpr=0.01).rate(0.9)
        over += rate.low > truth
        under += rate.high < truth
    assert over / 400 < 0.05
    assert under / 400 < 0.05


def test_the_point_value_equals_the_slow_way() -> None:
    rng = np.random.default_rng(2)
    members, others = rng.normal(1, 1, 300).round(1), rng.normal(size=500).round(1)
    best = max(
        float((members >= cut).mean())
        for cut in [*np.unique(others), np.inf]
        if (others >= cut).mean() <= 0.01
    )
    found = tpr_at_fpr(members, others, fpr=0.01)
    assert found.value == pytest.approx(best)
    assert found.realised_fpr <= 0.01


def test_ties_at_the_top_show_as_a_realised_rate_far_below_the_asked_one() -> None:
    """Behind a saturated softmax 61 % of the scores are equal, and the leak seems to vanish."""
    saturated = np.minimum(np.random.default_rng(3).normal(1, 1, 5000), 0.7)
    found = tpr_at_fpr(saturated, saturated, fpr=0.01)
    assert found.realised_fpr == 0.0
    assert found.value == 0.0
    assert found.rate(0.9).high > 0.5


def test_the_interval_holds_the_value_at_every_confidence() -> None:
    rng = np.random.default_rng(4)
    found = tpr_at_fpr(rng.normal(1, 1, 500), rng.normal(size=500), fpr=0.01)
    for confidence in (0.01, 0.5, 0.9, 0.999):
        rate = found.rate(confidence)
        assert rate.low <= rate.value <= rate.high


def test_order_of_samples_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    members, others = rng.normal(1, 1, 500), rng.normal(size=500)
    first = tpr_at_fpr(members, others, fpr=0.01).rate(0.9)
    assert tpr_at_fpr(members[::-1], others[::-1], fpr=0.01).rate(0.9) == first
