"""When training is better ended, and what is returned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.compress.candidates import timing
from sc_deploy.compress.candidates.marks import Marks
from sc_deploy.compress.candidates.selection import Examined
from sc_deploy.contracts import Candidate, Guesses
from sc_deploy.recipe import Recipe

N = 400


def after(number: int, accuracy: float, attack: float) -> Examined:
    """What a round chose, with these percentages; who is right is drawn anew for each round."""
    rng = np.random.default_rng(number)

    def drawn(percent: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
        return rng.permutation(N) < round(percent * N / 100)

    marks = Marks((drawn(accuracy),), (("planted", Guesses((drawn(attack), drawn(attack)))),))
    candidate = Candidate(
        number, 10 * number, None, 0.1, marks.validation, marks.safety, chosen=True
    )
    return Examined(candidate, marks)


# Any: settings of the section as a test writes them.
def recipe(**compress: Any) -> Recipe:
    settings = {"task": {"name": "t"}, "roles": {"key": "0" * 64}, "compress": compress}
    return Recipe.model_validate(settings)


def returned(rounds: list[Examined], **compress: Any) -> int:
    wanted = recipe(**compress)
    return timing.kept(wanted, rounds, timing.in_question(wanted, rounds)) + 1


def test_a_lucky_early_state_is_not_kept_over_equals_that_have_learned() -> None:
    """TM-scores 1.49, 1.47, 1.46: the first looks best, by less than the noise."""
    rounds = [after(1, 73, 49), after(2, 78, 53), after(3, 79, 54)]
    assert returned(rounds) == 2


def test_of_equally_accurate_states_the_earliest_is_kept() -> None:
    assert returned([after(1, 80, 51), after(2, 80.5, 51), after(3, 80.25, 50)]) == 1


def test_clearly_worse_rounds_are_out_of_question() -> None:
    rounds = [after(1, 50, 50), after(2, 80, 52), after(3, 82, 70)]
    assert timing.in_question(recipe(), rounds) == (1,)


def test_the_last_state_is_kept_where_the_recipe_says_so() -> None:
    assert returned([after(1, 80, 50), after(2, 60, 80)], keep="last") == 2


def test_a_limit_on_leakage_rules_rounds_out() -> None:
    rounds = [after(1, 70, 50), after(2, 90, 60)]
    assert returned(rounds, objective="constrained", leakage_limit=0.55) == 1
    assert returned(rounds, objective="constrained", leakage_limit=0.7) == 2


@pytest.mark.parametrize(
    ("attack", "before", "count"), [(70, 1, 2), (52, 1, 1), (40, 1, 1)], ids=str
)
def test_only_rounds_that_clearly_leak_more_count(attack: float, before: int, count: int) -> None:
    rounds = [after(1, 80, 52), after(2, 70, attack)]
    assert timing.stale(recipe(), rounds, kept_at=0, before=before) == count


def test_a_new_best_clears_the_count() -> None:
    assert timing.stale(recipe(), [after(1, 80, 52)], kept_at=0, before=2) == 0


def test_training_ends_with_patience_and_never_without() -> None:
    patient = recipe(stop_early=2)
    assert [timing.stop(patient, stale) for stale in (0, 1, 2)] == [False, False, True]
    assert not timing.stop(recipe(stop_early=0), 99)
