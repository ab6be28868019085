from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.privacy.references.filling import filled, step
from sc_deploy.privacy.references.log_odds import LogOdds
from sc_deploy.privacy.references.moments import moments

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def three_samples() -> LogOdds:
    """One with both sides (IN 5, OUT 2), one all inside (mean 4), one all outside (mean 1)."""
    answers = np.array([[5.0, 3.0, 0.0], [2.0, 5.0, 2.0]])
    return LogOdds(np.zeros(3), answers, np.array([[True, True, False], [False, True, False]]))


def test_the_step_is_that_of_the_samples_with_both_sides() -> None:
    assert step(three_samples()) == 3.0


def test_without_such_samples_there_is_no_step() -> None:
    assert step(three_samples().take(np.array([1, 2]))) == 0.0


def test_a_missing_side_is_the_other_moved_by_the_step() -> None:
    inside, outside = (filled(three_samples(), inside=side, step=3.0) for side in (True, False))
    assert inside.mean.tolist() == [5.0, 4.0, 4.0]
    assert outside.mean.tolist() == [2.0, 1.0, 1.0]
    assert inside.count.tolist() == [1, 2, 1]
    assert outside.count.tolist() == [1, 1, 2]


def test_samples_without_gaps_stay_as_they_are(world: Any) -> None:
    seen, _ = world(300, 40, leak=1.0, seed=0)
    for side in (True, False):
        given, found = moments(seen, inside=side), filled(seen, inside=side, step=9.0)
        np.testing.assert_array_equal(given.mean, found.mean)
        np.testing.assert_array_equal(given.count, found.count)


def test_the_step_recovers_what_training_adds(world: Any) -> None:
    members, _ = world(4000, 16, leak=1.5, seed=0)
    assert step(members) == pytest.approx(1.5, abs=0.03)
