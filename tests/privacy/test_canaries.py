from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sc_deploy.contracts import Predictions
from sc_deploy.privacy.canaries import Coins, guess


def coins(score: list[float], member: list[bool], seed: int = 0) -> Coins:
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, 256, (len(score), 32), dtype=np.uint8)
    return Coins(np.array(score), np.array(member), ids)


def test_the_middle_is_not_guessed() -> None:
    found = guess(coins([1, 2, 3, 4, 5, 6, 7, 8], [False, False] + [True] * 6), share=0.5)
    assert (found.canaries, found.guesses, found.right) == (8, 4, 4)


def test_a_guess_on_the_wrong_side_counts_as_wrong() -> None:
    found = guess(coins([1, 2, 3, 4], [True, False, True, False]), share=1.0)
    assert (found.guesses, found.right) == (4, 2)


@pytest.mark.parametrize(("n", "share"), list(product([2, 3, 7, 100], [0.01, 0.5, 1.0])))
def test_an_even_number_is_guessed_and_never_more_than_there_are(n: int, share: float) -> None:
    found = guess(coins([0.0] * n, [True, False] * (n // 2) + [True] * (n % 2)), share=share)
    assert found.guesses % 2 == 0
    assert 2 <= found.guesses <= n


def test_equal_scores_do_not_tell_the_coins_by_the_order_of_the_arrays() -> None:
    found = guess(coins([0.0] * 2000, [True] * 1000 + [False] * 1000), share=1.0)
    assert abs(found.right / found.guesses - 0.5) < 0.05


def test_the_order_of_the_rows_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    given = coins(rng.integers(0, 5, 60).tolist(), (rng.random(60) < 0.5).tolist())
    turn = rng.permutation(60)
    other = Coins(given.score[turn], given.member[turn], given.sample_id[turn])
    assert guess(given, share=0.4) == guess(other, share=0.4)


def test_the_score_is_the_log_odds_of_the_planted_label() -> None:
    ids = np.zeros((1, 32), np.uint8)
    inside = Predictions(np.array([[2.0, 1.0, 0.0]], np.float32), np.array([0]), ids)
    outside = Predictions(np.array([[2.0, 1.0, 0.0]], np.float32), np.array([2]), ids)
    found = Coins.of(inside, outside)
    assert found.score == pytest.approx([0.686738, np.log(0.090031 / (1 - 0.090031))], abs=1e-4)
    assert found.member.tolist() == [True, False]
