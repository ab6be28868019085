from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from sc_deploy.privacy.statistics.auc import auc, auc_change

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64

FIRST = (np.array([0.9, 0.8, 0.7, 0.4, 0.6]), np.array([0.5, 0.3, 0.6, 0.2, 0.1, 0.7]))
SECOND = (np.array([0.8, 0.8, 0.5, 0.4, 0.7]), np.array([0.5, 0.4, 0.6, 0.1, 0.2, 0.6]))
SCORES = st.lists(st.integers(0, 6), min_size=2, max_size=12).map(
    lambda values: np.array(values, dtype=np.float64)
)


def slow_placements(members: Float64, others: Float64) -> tuple[Float64, Float64]:
    wins = (members[:, None] > others) + 0.5 * (members[:, None] == others)
    return wins.mean(axis=1), wins.mean(axis=0)


def test_golden_auc_and_paired_delong() -> None:
    first, second = auc(*FIRST), auc(*SECOND)
    assert (first.value, second.value) == pytest.approx((0.833333, 0.8), abs=1e-6)
    assert first.variance**0.5 == pytest.approx(0.127039, abs=1e-6)
    assert second.variance**0.5 == pytest.approx(0.147290, abs=1e-6)
    change = auc_change(SECOND, FIRST)
    assert change.value == pytest.approx(0.033333, abs=1e-6)
    assert change.variance**0.5 == pytest.approx(0.099303, abs=1e-6)
    assert change.value / change.variance**0.5 == pytest.approx(0.335673, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(SCORES, SCORES)
def test_auc_and_variance_equal_the_quadratic_way_with_ties(
    members: Float64, others: Float64
) -> None:
    over, under = slow_placements(members, others)
    found = auc(members, others)
    assert found.value == pytest.approx(over.mean())
    expected = over.var(ddof=1) / len(over) + under.var(ddof=1) / len(under)
    assert found.variance == pytest.approx(expected, abs=1e-12)


def test_ties_count_half_as_scikit_learn_has_it() -> None:
    rng = np.random.default_rng(0)
    members, others = (
        rng.integers(0, 5, 50).astype(np.float64),
        rng.integers(0, 4, 60).astype(np.float64),
    )
    truth = np.repeat([1, 0], [50, 60])
    assert auc(members, others).value == pytest.approx(
        roc_auc_score(truth, np.concatenate([members, others]))
    )


def test_tied_scores_are_not_ordered_by_their_place() -> None:
    """LeakPro took the first of tied samples and found 0.375 here."""
    assert auc(np.array([9.0, 5.0]), np.array([9.0, 5.0])).value == 0.5


@settings(max_examples=50, deadline=None)
@given(SCORES)
def test_equal_score_sets_have_an_auc_of_one_half(scores: Float64) -> None:
    found = auc(scores, scores)
    assert found.value == pytest.approx(0.5)
    assert found.rate(0.9).low < 0.5 < found.rate(0.9).high


@settings(max_examples=50, deadline=None)
@given(SCORES, SCORES)
def test_swapping_members_and_non_members_mirrors_the_auc(a: Float64, b: Float64) -> None:
    assert auc(a, b).value == pytest.approx(1 - auc(b, a).value)


@settings(max_examples=50, deadline=None)
@given(SCORES, SCORES)
def test_a_monotone_map_of_the_scores_changes_nothing(a: Float64, b: Float64) -> None:
    assert auc(np.exp(3 * a), np.exp(3 * b)) == auc(a, b)


def test_identical_rankings_change_by_exactly_nothing() -> None:
    change = auc_change(FIRST, (3 * FIRST[0] + 1, 3 * FIRST[1] + 1))
    rate = change.rate(0.9)
    assert (rate.value, rate.low, rate.high) == (0.0, 0.0, 0.0)
    assert change.p_above(0.01) == 1.0


def test_perfect_separation_still_has_a_width() -> None:
    rate = auc(np.linspace(1, 2, 50), np.linspace(-2, -1, 50)).rate(0.9)
    assert rate.value == rate.high == 1.0
    assert rate.low == pytest.approx(0.05 ** (1 / 50))


def test_a_single_score_for_all_still_has_a_width() -> None:
    rate = auc(np.zeros(50), np.zeros(40)).rate(0.9)
    assert rate.value == 0.5
    assert rate.low < 0.35
    assert rate.high > 0.65


def test_a_change_without_variance_that_is_not_zero_has_a_width() -> None:
    separated, tied = (np.ones(30), np.zeros(30)), (np.ones(30), np.ones(30))
    change = auc_change(separated, tied)
    assert change.variance == 0.0
    rate = change.rate(0.9)
    assert rate.value == -0.5
    assert rate.high > -0.2


def test_the_p_value_is_the_confidence_at_which_the_bound_leaves_the_limit() -> None:
    rng = np.random.default_rng(1)
    found = auc(rng.normal(0.3, 1, 400), rng.normal(size=400))
    p = found.p_above(0.55)
    assert 0 < p < 0.5
    assert found.rate(1 - 2 * p).low == pytest.approx(0.55, abs=1e-6)
    assert found.p_above(0.9) > 0.49


def test_the_upper_bound_covers_the_truth_as_often_as_it_says() -> None:
    """Gaussian scores one half apart have an AUC of Phi(0.5 / sqrt 2) = 0.6382."""
    rng = np.random.default_rng(2)
    missed = sum(
        auc(rng.normal(0.5, 1, 150), rng.normal(size=150)).rate(0.9).high < 0.63816
        for _ in range(600)
    )
    assert missed / 600 < 0.08
