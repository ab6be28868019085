"""Epsilon from one run: published arithmetic, a slow way, and coverage where epsilon is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.statistics.one_run import Guessed, epsilon_bound, p_value


@pytest.mark.parametrize(
    ("guesses", "right", "expected"),
    [(100, 70, 0.472), (1000, 600, 0.297), (1000, 900, 2.02), (50, 50, 2.785)],
)
def test_the_bound_is_what_the_theorem_gives(guesses: int, right: int, expected: float) -> None:
    found = epsilon_bound(Guessed(guesses, guesses, right), confidence=0.95)
    assert found == pytest.approx(expected, abs=5e-4 if expected < 2 else 5e-3)


def test_the_bound_without_delta_is_the_odds_of_clopper_and_pearson() -> None:
    share = float(stats.beta.ppf(0.05, 70, 31))
    expected = math.log(share / (1 - share))
    assert epsilon_bound(Guessed(100, 100, 70), confidence=0.95) == pytest.approx(expected)


def slow_p_value(guessed: Guessed, eps: float, delta: float) -> float:
    share = math.exp(eps) / (1 + math.exp(eps))
    chances = [
        math.comb(guessed.guesses, k) * share**k * (1 - share) ** (guessed.guesses - k)
        for k in range(guessed.guesses + 1)
    ]
    worst = max(
        sum(chances[guessed.right - i : guessed.right]) / i for i in range(1, guessed.right + 1)
    )
    return sum(chances[guessed.right :]) + 2 * guessed.canaries * delta * worst


@pytest.mark.parametrize("delta", [0.0, 1e-5, 1e-3])
def test_the_p_value_agrees_with_the_sum_over_all_outcomes(delta: float) -> None:
    guessed = Guessed(60, 40, 29)
    for eps in (0.0, 0.3, 1.0):
        expected = min(1.0, slow_p_value(guessed, eps, delta))
        assert p_value(guessed, eps, delta=delta) == pytest.approx(expected)


def test_delta_only_weakens_the_bound() -> None:
    found = [
        epsilon_bound(Guessed(1000, 1000, 600), confidence=0.95, delta=delta)
        for delta in (0.0, 1e-6, 1e-5, 1e-4)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


def test_luck_shows_no_epsilon() -> None:
    assert epsilon_bound(Guessed(100, 100, 52), confidence=0.95) == 0.0
    assert epsilon_bound(Guessed(100, 0, 0), confidence=0.95) == 0.0
    assert epsilon_bound(Guessed(100, 100, 0), confidence=0.95) == 0.0


@pytest.mark.parametrize("eps", [0.0, 0.5, 2.0])
def test_the_bound_exceeds_the_truth_in_at_most_five_runs_of_a_hundred(eps: float) -> None:
    """Randomised response is exactly eps-DP, and its best guess is its output."""
    share = math.exp(eps) / (1 + math.exp(eps))
    drawn = np.random.default_rng(0).binomial(200, share, size=10_000)
    counts, times = np.unique(drawn, return_counts=True)
    wrong = sum(
        int(often)
        for right, often in zip(counts, times, strict=True)
        if epsilon_bound(Guessed(200, 200, int(right)), confidence=0.95) > eps
    )
    assert wrong / len(drawn) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / len(drawn))
