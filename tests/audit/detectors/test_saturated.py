from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.saturated import saturated
from sc_deploy.audit.evidence import AUDIT
from sc_deploy.contracts import Cause, Outcome, Predictions, Role
from sc_deploy.privacy.statistics.units import Units

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def sent(given: Any, way: Any) -> dict[Role, Predictions]:
    return {
        role: Predictions(way(found.logits).astype(np.float32), found.labels, found.sample_id)
        for role, found in given.artifact.items()
    }


def rounded(logits: Any) -> Any:
    scale = np.abs(logits).max() / 127
    return np.round(logits / scale) * scale


@pytest.mark.parametrize("way", [lambda logits: logits, rounded], ids=["floats", "int8 logits"])
def test_logits_pass(given: Any, way: Any) -> None:
    assert saturated(sent(given, way)).outcome is Outcome.PASS


def softmax(logits: Any) -> Any:
    p = np.exp(3 * (logits - logits.max(axis=1, keepdims=True)))
    return np.round(255 * p / p.sum(axis=1, keepdims=True)) / 255


@pytest.mark.parametrize(
    "way",
    [lambda logits: np.clip(logits, -1, 2), softmax, lambda logits: 0 * logits],
    ids=["clipped", "int8 softmax", "constant"],
)
def test_answers_that_are_cut_off_are_not_resolved(given: Any, way: Any) -> None:
    check = saturated(sent(given, way))
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.UNRESOLVED)
    assert check.required


def one_value(given: Any, rows: int) -> dict[Role, Predictions]:
    """The first samples of either side are answered with the largest value of all."""
    answers = sent(given, lambda logits: logits)
    for role in AUDIT:
        answers[role].logits[:rows, 0] = 1000.0
    return answers


def test_many_records_of_one_person_are_no_saturation(given: Any) -> None:
    answers = one_value(given, 40)
    assert saturated(answers).cause is Cause.UNRESOLVED
    number = np.arange(200) // 40
    check = saturated(answers, Units(number, 100 + number))
    assert check.outcome is Outcome.PASS
    assert check.measured is not None
    assert check.measured.value == 0.2


@pytest.mark.parametrize("size", [1, 2])
def test_cut_off_answers_of_many_persons_are(given: Any, size: int) -> None:
    number = np.arange(200) // size
    check = saturated(one_value(given, 100), Units(number, 1000 + number))
    assert check.cause is Cause.UNRESOLVED
    assert check.measured is not None
    plain = saturated(one_value(given, 100)).measured
    assert plain is not None
    assert check.measured.low <= plain.low + 1e-9
