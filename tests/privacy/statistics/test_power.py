"""Formulas of power, each against the procedure that it foretells."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sc_deploy.contracts.arrays import Float64
from sc_deploy.privacy.statistics.auc import auc, auc_change
from sc_deploy.privacy.statistics.bootstrap import tpr_change
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr
from sc_deploy.privacy.statistics.one_run import Guessed, epsilon_bound
from sc_deploy.privacy.statistics.power import (
    Scored,
    auc_change_passes,
    auc_passes,
    detectable_epsilon,
    share_change_passes,
    tpr_change_passes,
    tpr_passes,
)
from sc_deploy.privacy.statistics.proportion import paired_change

Pair = tuple[Float64, Float64]


def scores(n: int, truth: Scored, rng: np.random.Generator) -> Pair:
    return rng.normal(truth.distance, 1, n), rng.normal(size=n)


def again(first: Pair, truth: Scored, rng: np.random.Generator) -> Pair:
    """The same samples' scores by another model, correlated as assumed and as leaky."""
    r, own = truth.correlation, math.sqrt(1 - truth.correlation**2)
    members = (
        truth.distance + r * (first[0] - truth.distance) + own * rng.normal(size=len(first[0]))
    )
    return members, r * first[1] + own * rng.normal(size=len(first[1]))


def test_the_distance_of_two_normals_gives_the_auc_back() -> None:
    truth = Scored(0.7)
    assert stats.norm.cdf(truth.distance / math.sqrt(2)) == pytest.approx(0.7)
    assert Scored(0.5).tpr(0.01) == pytest.approx(0.01)


@pytest.mark.parametrize(("n", "auc_of", "limit"), [(400, 0.5, 0.55), (600, 0.52, 0.55)])
def test_the_chance_of_an_auc_is_that_of_its_interval(n: int, auc_of: float, limit: float) -> None:
    rng, truth = np.random.default_rng(0), Scored(auc_of)
    seen = np.mean([auc(*scores(n, truth, rng)).rate(0.9).high < limit for _ in range(500)])
    assert seen == pytest.approx(auc_passes(limit, (n, n), truth, confidence=0.95), abs=0.07)


@pytest.mark.parametrize(
    ("n", "fpr", "limit", "auc_of"), [(700, 0.01, 0.04, 0.5), (900, 0.02, 0.06, 0.53)]
)
def test_the_chance_of_a_low_rate_is_that_of_its_band(
    n: int, fpr: float, limit: float, auc_of: float
) -> None:
    rng, truth = np.random.default_rng(1), Scored(auc_of)
    seen = np.mean(
        [tpr_at_fpr(*scores(n, truth, rng), fpr=fpr).rate(0.9).high < limit for _ in range(500)]
    )
    expected = tpr_passes(limit, (n, n), truth, fpr=fpr, confidence=0.95)
    assert seen == pytest.approx(expected, abs=0.07)


def test_without_a_leak_the_hits_are_beta_binomial() -> None:
    """The exact law, in place of the grid: members above the k-th highest non-member."""
    n, beta = 1500, 0.025
    k = int(stats.binom.ppf(1 - beta, n, 0.01)) + 1
    most = int(stats.binom.ppf(beta, n, 0.03)) - 1
    exact = stats.betabinom.cdf(most, n, k, n - k + 1)
    found = tpr_passes(0.03, (n, n), Scored(0.5), fpr=0.01, confidence=0.95)
    assert found == pytest.approx(exact, abs=2e-3)


@pytest.mark.parametrize(("n", "correlation"), [(300, 0.96), (1500, 0.7)])
def test_the_chance_of_a_change_of_auc_is_that_of_paired_delong(n: int, correlation: float) -> None:
    rng, truth = np.random.default_rng(2), Scored(0.5, correlation)
    hits = 0
    for _ in range(400):
        first = scores(n, truth, rng)
        hits += auc_change(first, again(first, truth, rng)).rate(0.9).high < 0.015
    expected = auc_change_passes(0.015, (n, n), truth, confidence=0.95)
    assert hits / 400 == pytest.approx(expected, abs=0.08)


def test_the_chance_of_a_change_of_tpr_does_not_promise_more_than_the_bootstrap() -> None:
    rng, truth = np.random.default_rng(3), Scored(0.55, 0.9)
    hits = 0
    for seed in range(60):
        first = scores(1500, truth, rng)
        change = tpr_change(first, again(first, truth, rng), fpr=0.02, seed=seed)
        hits += change.rate(0.9).high < 0.02
    expected = tpr_change_passes(0.02, (1500, 1500), truth, fpr=0.02, confidence=0.95)
    assert 0.2 < expected < 0.99
    assert hits / 60 >= expected - 0.15
    assert hits / 60 <= expected + 0.25


@pytest.mark.parametrize(("n", "changed"), [(1200, 0.02), (2000, 0.1), (500, 0.0)])
def test_the_chance_of_an_accuracy_is_that_of_tangos_bound(n: int, changed: float) -> None:
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(400):
        u = rng.random(n)
        before, after = u >= changed / 2, (u < changed / 2) | (u >= changed)
        hits += paired_change(before, after, confidence=0.9).low > -0.01
    expected = share_change_passes(0.01, n, changed, confidence=0.95)
    assert hits / 400 == pytest.approx(expected, abs=0.08)


def test_identical_models_always_agree() -> None:
    same = Scored(0.5, 1.0)
    assert auc_change_passes(0.001, (100, 100), same, confidence=0.95) == 1.0
    assert tpr_change_passes(0.001, (100, 100), same, fpr=0.01, confidence=0.95) == 1.0


def test_a_leak_beyond_the_limit_hardly_ever_passes() -> None:
    assert auc_passes(0.55, (2500, 2500), Scored(0.55), confidence=0.95) == pytest.approx(0.05)
    at = float(Scored(0.56).tpr(0.01))
    assert tpr_passes(at, (5000, 5000), Scored(0.56), fpr=0.01, confidence=0.95) < 0.05


def test_the_epsilon_that_coins_show_is_shown_as_often_as_stated() -> None:
    epsilon = detectable_epsilon(100, confidence=0.95, power=0.9)
    share = 1 / (1 + math.exp(-epsilon))
    drawn = np.random.default_rng(5).binomial(100, share, size=2000)
    shown = sum(
        int(often)
        for right, often in zip(*np.unique(drawn, return_counts=True), strict=True)
        if epsilon_bound(Guessed(100, 100, int(right)), confidence=0.95) > 0
    )
    assert shown / 2000 == pytest.approx(0.9, abs=0.03)
