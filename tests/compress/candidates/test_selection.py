"""Which candidate goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sc_deploy.compress.candidates.marks import Marks
from sc_deploy.compress.candidates.selection import Examined, better_half, choose, confidence
from sc_deploy.contracts import Candidate, Guesses, Strategy
from sc_deploy.recipe import Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOVED = Strategy("magnitude", "random")
N = 200


def first(count: float) -> NDArray[np.bool_]:
    """True for the first `count` percent: of two such sets the larger holds the smaller."""
    return np.arange(N) < round(count * N / 100)


def examined(
    accuracy: float, attack: float, strategy: Strategy | None = MOVED, *, shift: int = 0
) -> Examined:
    """A candidate with these percentages; `shift` moves its right answers to other samples."""
    right = np.roll(first(accuracy), shift)
    marks = Marks((right,), (("planted", Guesses((first(attack), first(attack)))),))
    candidate = Candidate(
        1, 10, strategy, 0.1, marks.validation, marks.safety, chosen=False, stage=2
    )
    return Examined(candidate, marks)


# Any: settings of the section as a test writes them.
def recipe(**compress: Any) -> Recipe:
    settings = {"task": {"name": "t"}, "roles": {"key": "0" * 64}, "compress": compress}
    return Recipe.model_validate(settings)


def test_without_an_incumbent_the_largest_tm_score_is_chosen() -> None:
    pool = [examined(80, 64), examined(78, 52), examined(60, 50)]
    assert choose(recipe(), pool) == 1


def test_a_less_accurate_candidate_wins_only_if_it_leaks_enough_less() -> None:
    assert choose(recipe(), [examined(80, 60), examined(70, 55)]) == 0
    assert choose(recipe(), [examined(80, 60), examined(75, 55)]) == 1


def test_among_equals_the_incumbent_stays_or_else_the_first() -> None:
    equals = [examined(80, 60), examined(80, 60, None), examined(80, 60)]
    assert choose(recipe(switch_confidence=0.5), equals) == 1
    assert choose(recipe(), [examined(70, 60), examined(80, 60), examined(80, 60)]) == 1


def test_an_attack_worse_than_a_coin_earns_nothing() -> None:
    assert choose(recipe(), [examined(80, 50), examined(80, 42)]) == 0


def test_the_incumbent_stays_while_the_gain_is_within_the_noise() -> None:
    """The same gain, once on the same samples and once on others, which is noisier."""
    nested = [examined(70, 50, None), examined(72, 50)]
    scattered = [examined(70, 50, None), examined(72, 50, shift=90)]
    wanted = recipe(switch_confidence=0.95)
    assert (choose(wanted, nested), choose(wanted, scattered)) == (1, 0)
    assert choose(recipe(switch_confidence=0.5), scattered) == 1


@pytest.mark.parametrize(
    ("objective", "winner"), [("accuracy", 0), ("safety", 2), ("tm-score", 1), ("pareto", 1)]
)
def test_each_objective_has_its_own_winner(objective: str, winner: int) -> None:
    pool = [examined(82, 66), examined(80, 56), examined(60, 54)]
    assert choose(recipe(objective=objective), pool) == winner


def test_the_most_accurate_within_the_limit_wins_and_else_who_leaks_least() -> None:
    pool = [examined(82, 66), examined(80, 58), examined(60, 50)]
    limited = {"objective": "constrained"}
    assert choose(recipe(**limited, leakage_limit=0.65), pool) == 1
    assert choose(recipe(**limited, leakage_limit=0.51), pool) == 2


def test_the_better_half_is_rounded_up() -> None:
    pool = [examined(70, 50), examined(60, 50), examined(80, 50)]
    assert better_half(recipe(), pool) == (0, 2)
    assert better_half(recipe(), pool[:1]) == (0,)


def test_confidence_is_that_of_a_normal_difference() -> None:
    """A second way: 200 independent pairs, of which 12 are won and 4 lost."""
    pool = [examined(76, 50), examined(72, 50, shift=-4)]
    right = pool[0].marks.right[0].astype(int) - pool[1].marks.right[0]
    z = right.mean() / (right.std() / np.sqrt(N))
    normal = 0.5 * (1 + np.tanh(0.8 * z))
    found = confidence(recipe(objective="accuracy"), pool, (0, 1), seed=1)
    assert found == pytest.approx(normal, abs=0.03)
    assert confidence(recipe(objective="accuracy"), pool, (1, 0), seed=1) == pytest.approx(
        1 - found
    )
