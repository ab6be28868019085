from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge, Observation, Predictions
from sc_deploy.privacy.attacks.white_box import WhiteBoxAttack, learn, log_gradient_norm
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_the_gradient_norm_is_that_of_the_outer_product(hidden_in_features: Any) -> None:
    seen = hidden_in_features(50, leak=0.0, seed=0)
    error = special.softmax(seen.predictions.logits.astype(np.float64), axis=1)
    error[np.arange(50), seen.predictions.labels] -= 1
    gradients = error[:, :, None] * seen.features[:, None, :]
    slow = np.linalg.norm(gradients.reshape(50, -1), axis=1)
    np.testing.assert_allclose(np.exp(log_gradient_norm(seen)), slow, rtol=1e-6)


def test_sure_answers_still_have_a_gradient() -> None:
    """softmax - one_hot is zero in float64 here."""
    answers = Predictions(
        np.array([[900, 0], [1000, 0]], np.float32), np.array([0, 0]), np.zeros((2, 32), np.uint8)
    )
    found = log_gradient_norm(Observation(answers, features=np.ones((2, 1), np.float32)))
    assert found == pytest.approx([np.log(2) / 2 - 900, np.log(2) / 2 - 1000])


def test_a_leak_in_features_alone_is_learned(hidden_in_features: Any) -> None:
    rule = learn(
        hidden_in_features(300, leak=0.6, seed=0), hidden_in_features(300, leak=0.0, seed=2), seed=0
    )
    members = rule(hidden_in_features(2000, leak=0.6, seed=4))
    others = rule(hidden_in_features(2000, leak=0.0, seed=6))
    assert members.mean() - others.mean() > 0.2


def beside(seen: Observation) -> Knowledge:
    return Knowledge(features=seen.features)


@pytest.mark.parametrize(("leak", "least", "most"), [(0.6, 0.6, 0.9), (0.0, 0.45, 0.55)])
def test_an_audit_finds_a_leak_that_only_the_features_have(
    hidden_in_features: Any, leak: float, least: float, most: float
) -> None:
    inside, outside, audited, others = (
        hidden_in_features(1000, leak=leak * (number % 2 == 0), seed=2 * number)
        for number in range(4)
    )
    told = CalibrationSet(
        inside.predictions, outside.predictions, (beside(inside), beside(outside))
    )
    asked = AuditSet(audited.predictions, others.predictions, (beside(audited), beside(others)))
    found = auc(*WhiteBoxAttack().fit(told, seed=0).evaluate(asked))
    assert least < found.value < most
