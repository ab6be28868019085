"""Marks by sample, and as bytes."""

from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.compress.candidates import marks
from sc_deploy.compress.candidates.exam import by_class, right
from sc_deploy.compress.candidates.marks import Marks
from sc_deploy.compress.candidates.paired import resample
from sc_deploy.contracts import Guesses, Predictions
from sc_deploy.errors import IntegrityError


def planted(seed: int) -> Marks:
    rng = np.random.default_rng(seed)
    pair = Guesses((rng.random(7) < 0.5, rng.random(9) < 0.5))
    many = Guesses(tuple(rng.random(4) < 0.5 for _ in range(11)))
    return Marks(
        (rng.random(13) < 0.5, rng.random(3) < 0.5), (("b/with/slashes", pair), ("a", many))
    )


def test_marks_survive_the_round_trip_in_their_order() -> None:
    before = [planted(seed) for seed in range(12)]
    after = marks.decode(marks.encode(before))
    assert len(after) == 12
    for one, other in zip(before, after, strict=True):
        assert list(map(list, one.right)) == list(map(list, other.right))
        assert [name for name, _ in other.guesses] == ["b/with/slashes", "a"]
        for (_, first), (_, second) in zip(one.guesses, other.guesses, strict=True):
            assert list(map(list, first.right)) == list(map(list, second.right))
    assert marks.encode(after) == marks.encode(before)


def test_no_marks_are_none() -> None:
    assert marks.decode(marks.encode([])) == ()


def test_bytes_that_are_no_marks_are_refused() -> None:
    with pytest.raises(IntegrityError, match="cannot be read"):
        marks.decode(b"not safetensors")


LABELS = np.array([0] * 90 + [1] * 10)
ALWAYS_NOUGHT = Predictions(
    np.tile(np.array([[1.0, 0.0]], np.float32), (100, 1)), LABELS, np.zeros((100, 32), np.uint8)
)


def graded(*, balanced: bool) -> Marks:
    guesses = Guesses((np.array([True, False]), np.array([True, True])))
    answers = by_class(ALWAYS_NOUGHT) if balanced else (right(ALWAYS_NOUGHT),)
    return Marks(answers, (("planted", guesses),))


def test_ignoring_a_rare_class_costs_half_of_the_balanced_accuracy() -> None:
    assert graded(balanced=False).validation.value == 0.9
    found = graded(balanced=True).validation
    assert found.value == 0.5
    assert found.low < 0.5 < found.high
    assert found.n == 100


def test_resamples_keep_the_classes_apart() -> None:
    # A class that is always right and one that is never: no resample has another mean.
    assert np.unique(resample([graded(balanced=True)], seed=1).accuracy).tolist() == [0.5]
    assert len(np.unique(resample([graded(balanced=False)], seed=1).accuracy)) > 5
