from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.repeatable import repeatable
from sc_deploy.contracts import CalibrationSet, Cause, FittedAttack, Outcome, Predictions, Role
from sc_deploy.privacy.attacks import by_name

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.fixture
def run(given: Any) -> Predictions:
    found: Predictions = given.artifact[Role.TEST]
    return found


@pytest.fixture
def loss(given: Any) -> FittedAttack:
    sides = given.artifact[Role.MEMBER_CALIBRATION], given.artifact[Role.NON_MEMBER_CALIBRATION]
    return by_name("loss").fit(CalibrationSet(*sides), seed=0)


def noisy(run: Predictions, noise: float, seed: int) -> Predictions:
    drawn = np.random.default_rng(seed).normal(size=run.logits.shape)
    return replace(run, logits=(run.logits + noise * drawn).astype(np.float32))


def test_equal_runs_pass_and_rounding_noise_does(run: Predictions, loss: FittedAttack) -> None:
    assert "at most 0," in repeatable([run] * 3, [loss]).reason
    check = repeatable([noisy(run, 1e-6, seed) for seed in range(3)], [loss])
    assert check.outcome is Outcome.PASS


def test_runs_that_differ_by_more_fail_the_detector(run: Predictions, loss: FittedAttack) -> None:
    check = repeatable([run, run, noisy(run, 0.3, 0)], [loss])
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert check.required


def test_a_change_that_only_an_attacker_sees_is_seen(run: Predictions, loss: FittedAttack) -> None:
    """All logits doubled: every answer stays, its certainty does not."""
    hot = replace(run, logits=run.logits * 2)
    assert repeatable([run, run, hot], []).outcome is Outcome.PASS
    assert repeatable([run, run, hot], [loss]).cause is Cause.DETECTOR_FAILED


def test_an_answer_that_is_no_number_in_one_run_fails_the_detector(run: Predictions) -> None:
    bad = replace(run, logits=run.logits.copy())
    bad.logits[0, 0] = np.nan
    assert repeatable([run, run, bad], []).cause is Cause.DETECTOR_FAILED


@pytest.mark.parametrize("runs", [0, 1, 2])
def test_too_few_runs_are_not_executed(run: Predictions, runs: int) -> None:
    check = repeatable([run] * runs, [])
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.NOT_EXECUTED)
