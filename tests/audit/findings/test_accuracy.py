from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.findings import accuracy
from sc_deploy.contracts import Cause, Outcome, Predictions, Rate

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def answers(given: np.ndarray, labels: np.ndarray, classes: int = 10) -> Predictions:
    logits = np.eye(classes, dtype=np.float32)[given]
    return Predictions(logits, labels.astype(np.int64), np.zeros((len(labels), 32), dtype=np.uint8))


def labels(n: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 10, n)


def test_constant_answers_carry_no_information() -> None:
    truth = labels(1000)
    check = accuracy.informed(answers(np.full(1000, 3), truth), confidence=0.9)
    assert check.outcome is Outcome.FAIL


def test_shuffled_answers_carry_none_that_would_pass() -> None:
    truth = labels(1000)
    rng = np.random.default_rng(1)
    outcomes = {
        accuracy.informed(answers(rng.permutation(truth), truth), confidence=0.9).outcome
        for _ in range(10)
    }
    assert Outcome.PASS not in outcomes


def test_a_useful_model_on_rare_classes_is_not_called_blind() -> None:
    """99 % of one class: a model that finds half of the others beats blind guessing."""
    truth = np.repeat([0, 1], [1980, 20])
    given = truth.copy()
    given[-10:] = 0
    check = accuracy.informed(answers(given, truth, classes=2), confidence=0.9)
    assert check.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("lost", "outcome", "cause"),
    [
        (Rate(0.0, -0.002, 0.002, 3000, 0.9), Outcome.PASS, None),
        (Rate(-0.05, -0.06, -0.04, 3000, 0.9), Outcome.FAIL, None),
        (Rate(-0.008, -0.02, 0.004, 300, 0.9), Outcome.INCONCLUSIVE, Cause.TOO_FEW_SAMPLES),
        (Rate(-0.012, -0.02, -0.004, 300, 0.9), Outcome.INCONCLUSIVE, Cause.BEYOND_MARGIN),
        (None, Outcome.INCONCLUSIVE, Cause.EVIDENCE_MISSING),
    ],
    ids=["none", "much", "unsure", "beyond", "missing"],
)
def test_the_loss_in_conversion_is_held_against_one_point(
    lost: Rate | None, outcome: Outcome, cause: Cause | None, policy: Any
) -> None:
    check = accuracy.conversion(lost, policy)
    assert (check.outcome, check.cause, check.required) == (outcome, cause, True)


def test_without_a_limit_compression_is_shown_only(policy: Any) -> None:
    free = policy.model_copy(
        update={"accuracy": policy.accuracy.model_copy(update={"compression_loss": None})}
    )
    check = accuracy.compression(Rate(-0.3, -0.4, -0.2, 100, 0.9), free, has_source=True)
    assert not check.required
    assert check.outcome is not Outcome.PASS


def test_change_is_paired_by_sample() -> None:
    truth = labels(500)
    wrong_once = truth.copy()
    wrong_once[0] = (truth[0] + 1) % 10
    found = accuracy.change(answers(truth, truth), answers(wrong_once, truth), confidence=0.9)
    assert found.value == pytest.approx(-1 / 500)
    assert found.low > -0.02


def test_nothing_lost_is_written_without_a_minus(policy: Any) -> None:
    check = accuracy.conversion(Rate(0.0, -0.002, 0.002, 1000, 0.9), policy)
    assert check.reason.startswith("0.00 pp lost")


def test_balanced_accuracy_is_the_mean_over_classes() -> None:
    truth = np.repeat([0, 1], [90, 10])
    given = np.where(np.arange(100) < 95, 0, truth)
    found = accuracy.balanced(answers(given, truth), confidence=0.9)
    assert found.value == pytest.approx((1.0 + 0.5) / 2)
    assert accuracy.accuracy(answers(given, truth), confidence=0.9).value == pytest.approx(0.95)
