from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.saturated import saturated
from sc_deploy.contracts import Cause, Outcome, Predictions, Role

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
