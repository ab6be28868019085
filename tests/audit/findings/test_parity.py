from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.audit.findings import parity
from sc_deploy.contracts import Cause, Outcome, Predictions, Role, TensorStat, Tolerance

EXPECTED = (
    TensorStat("conv.weight", (4, 9), 12, 36),
    TensorStat("fc1.weight", (10, 10), 30, 100),
    TensorStat("fc2.weight", (10, 10), 70, 100),
)
TOLERANCE = Tolerance(max_error=0.01, agreement=0.99)


def tensors(*counts: int, names: tuple[str, ...] = ("a", "b", "c")) -> tuple[TensorStat, ...]:
    return tuple(
        TensorStat(name, one.shape, count, one.size)
        for name, one, count in zip(names, EXPECTED, counts, strict=True)
    )


def answers(logits: np.ndarray) -> dict[Role, Predictions]:
    ids = np.arange(len(logits) * 32, dtype=np.int64).astype(np.uint8).reshape(-1, 32)
    labels = np.zeros(len(logits), dtype=np.int64)
    return {Role.TEST: Predictions(logits.astype(np.float32), labels, ids)}


def test_the_same_weights_pass_under_their_names() -> None:
    check = parity.weights(EXPECTED, EXPECTED, rounded=False, required=True)
    assert check.outcome is Outcome.PASS
    assert "112 non-zero" in check.reason


def test_renamed_tensors_are_matched_by_size_and_count() -> None:
    found = tensors(12, 70, 30)
    assert parity.weights(found, EXPECTED, rounded=False, required=True).outcome is Outcome.PASS


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(
    "found",
    [
        tensors(12, 70, 31),
        tensors(13, 70, 30),
        EXPECTED[:2],
        (*EXPECTED, EXPECTED[0]),
        (*EXPECTED, TensorStat("stowaway", (5,), 5, 5)),
    ],
    ids=["one more", "one more elsewhere", "one missing", "one twice", "one unknown"],
)
def test_more_than_there_was_or_a_missing_tensor_fails(
    found: tuple[TensorStat, ...], rounded: bool
) -> None:
    check = parity.weights(found, EXPECTED, rounded=rounded, required=True)
    assert check.outcome is Outcome.FAIL
    assert check.remedy


def test_only_integers_may_round_small_weights_away() -> None:
    found = tensors(11, 70, 30)
    assert parity.weights(found, EXPECTED, rounded=False, required=True).outcome is Outcome.FAIL
    check = parity.weights(found, EXPECTED, rounded=True, required=True)
    assert check.outcome is Outcome.PASS
    assert "round to integer zero" in check.reason


def test_a_tensor_that_vanished_altogether_was_not_rounded() -> None:
    found = tensors(0, 70, 30)
    assert parity.weights(found, EXPECTED, rounded=True, required=True).outcome is Outcome.FAIL


@pytest.mark.parametrize("found", [None, ()])
def test_unknown_weights_never_pass(found: tuple[TensorStat, ...] | None) -> None:
    check = parity.weights(found, EXPECTED, rounded=False, required=True)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.EVIDENCE_MISSING)


def test_what_a_policy_takes_without_a_source_is_not_missing() -> None:
    """`relative: none` was said: nobody should be told to say it, or that evidence is missing."""
    check = parity.weights(None, None, rounded=False, required=False)
    assert (check.outcome, check.cause, check.remedy) == (Outcome.INCONCLUSIVE, None, "")


def test_the_error_is_the_largest_difference_in_deviations_of_the_source() -> None:
    source = np.array([[2.0, 0.0], [0.0, 2.0]])
    artifact = source + np.array([[0.0, 0.0], [0.5, 0.0]])
    found = parity.compare(answers(artifact), answers(source), confidence=0.9)
    assert found is not None
    assert found.error == pytest.approx(0.5)
    assert found.top_1.value == 1.0


@pytest.mark.parametrize(("shift", "outcome"), [(0.009, Outcome.PASS), (0.011, Outcome.FAIL)])
def test_logits_beyond_the_tolerance_fail(shift: float, outcome: Outcome) -> None:
    source = np.array([[1.0, -1.0], [-1.0, 1.0]])
    found = parity.compare(answers(source + shift), answers(source), confidence=0.9)
    assert parity.logits(found, TOLERANCE, required=True).outcome is outcome


def test_too_many_changed_answers_fail() -> None:
    source = np.tile([[1.0, -1.0]], (100, 1))
    artifact = source.copy()
    artifact[:2] *= -1
    found = parity.compare(answers(artifact), answers(source), confidence=0.9)
    check = parity.top_1(found, TOLERANCE, required=True)
    assert check.outcome is Outcome.FAIL
    assert check.measured is not None
    assert check.measured.value == 0.98


def test_a_source_that_never_changes_its_answer_gives_a_finite_error() -> None:
    found = parity.compare(
        answers(np.array([[1.0, 0.0]] * 3)), answers(np.zeros((3, 2))), confidence=0.9
    )
    assert found is not None
    assert found.error == 1.0


def test_another_number_of_classes_is_no_comparison() -> None:
    assert (
        parity.compare(answers(np.zeros((3, 4))), answers(np.zeros((3, 5))), confidence=0.9) is None
    )
    assert {check.outcome for check in parity.other_classes(4, 5)} == {Outcome.FAIL}
