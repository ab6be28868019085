from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.balance import balance
from sc_deploy.contracts import Cause, Outcome, Predictions, Role


def answers(members: np.ndarray, others: np.ndarray) -> dict[Role, Predictions]:
    return {
        role: Predictions(
            np.zeros((len(labels), 2), np.float32), labels, np.zeros((len(labels), 32), np.uint8)
        )
        for role, labels in (
            (Role.MEMBER_AUDIT, members),
            (Role.NON_MEMBER_AUDIT, others),
        )
    }


def test_the_same_mix_passes() -> None:
    labels = np.repeat(np.arange(10), 50)
    check = balance(answers(labels, labels[::-1]))
    assert check.outcome is Outcome.PASS
    assert "0 % of one side" in check.reason


def test_another_mix_fails_the_detector() -> None:
    labels = np.repeat(np.arange(10), 50)
    other = np.where(labels == 3, 4, labels)
    check = balance(answers(labels, other))
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert "10 % of one side" in check.reason
    assert check.required


def test_a_difference_that_is_sure_but_too_small_to_matter_is_told() -> None:
    first = np.repeat([0, 1], [50_000, 50_000])
    second = np.repeat([0, 1], [51_500, 48_500])
    check = balance(answers(first, second))
    assert check.outcome is Outcome.PASS
    assert "1.5 % of one side" in check.reason
    assert "chance" not in check.reason


def test_a_single_class_can_be_compared() -> None:
    assert balance(answers(np.zeros(20, int), np.zeros(30, int))).outcome is Outcome.PASS


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_it_is_rarely_alarmed_by_chance(classes: int) -> None:
    rng = np.random.default_rng(0)
    shares: Any = rng.dirichlet(np.ones(classes))
    alarms = sum(
        balance(
            answers(rng.choice(classes, 150, p=shares), rng.choice(classes, 200, p=shares))
        ).outcome
        is not Outcome.PASS
        for _ in range(1000)
    )
    assert alarms <= 6
