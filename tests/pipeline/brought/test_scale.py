"""Whatever a file answers becomes logits that softmax turns back into it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax

from sc_deploy.contracts import Scale
from sc_deploy.errors import InferenceError
from sc_deploy.pipeline.brought import scale

LOGITS = np.random.default_rng(0).normal(scale=3, size=(50, 4)).astype(np.float32)


def test_softmax_of_the_logarithms_is_the_probabilities() -> None:
    p = softmax(LOGITS, axis=1)
    assert scale.scale_of(p, Scale.LOGITS) is Scale.PROBABILITIES
    found = scale.logits(p, Scale.PROBABILITIES)
    np.testing.assert_allclose(softmax(found, axis=1), p, rtol=1e-5)


def test_logits_stay_as_they_are() -> None:
    assert scale.scale_of(LOGITS, Scale.LOGITS) is Scale.LOGITS
    np.testing.assert_array_equal(scale.logits(LOGITS, Scale.LOGITS), LOGITS)


def test_one_logit_becomes_two_with_its_log_odds_between_them() -> None:
    z = LOGITS[:, :1]
    two = scale.logits(z, Scale.LOGITS)
    np.testing.assert_allclose(two[:, 1] - two[:, 0], z[:, 0], rtol=1e-6)
    np.testing.assert_allclose(softmax(two, axis=1)[:, 1], expit(z[:, 0]), rtol=1e-5)


def test_one_probability_becomes_its_log_odds() -> None:
    z = LOGITS[:, :1]
    two = scale.logits(expit(z), Scale.PROBABILITIES)
    np.testing.assert_allclose(two[:, 1] - two[:, 0], z[:, 0], atol=1e-3)


def test_probabilities_of_0_and_1_stay_finite_and_what_is_not_a_number_stays_so() -> None:
    sure = np.array([[1.0, 0.0], [0.5, 0.5]], np.float32)
    assert np.isfinite(scale.logits(sure, Scale.PROBABILITIES)).all()
    assert np.isfinite(scale.logits(sure[:, :1], Scale.PROBABILITIES)).all()
    broken = np.array([[np.nan, 1.0]], np.float32)
    assert np.isnan(scale.logits(broken, Scale.LOGITS)).any()
    assert scale.scale_of(broken, Scale.LOGITS) is Scale.LOGITS


def test_eight_bits_of_a_softmax_are_still_known_as_one() -> None:
    p = np.round(softmax(LOGITS, axis=1) * 256).clip(0, 255) / 256
    assert scale.scale_of(p.astype(np.float32), Scale.LOGITS) is Scale.PROBABILITIES


def test_a_flipped_sign_is_seen_and_ignorance_is_not_taken_for_one() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, 400)
    logits = rng.normal(size=(400, 4)).astype(np.float32)
    assert not list(scale.sign_problems(logits, labels))
    logits[np.arange(400), labels] += 3
    assert not list(scale.sign_problems(logits, labels))
    assert [problem.where for problem in scale.sign_problems(-logits, labels)] == ["sign"]


def test_a_tensor_of_another_model_is_refused() -> None:
    public = scale.logits(softmax(LOGITS, axis=1), Scale.PROBABILITIES)
    scale.require_same_model(LOGITS, public)
    with pytest.raises(InferenceError, match="different classes"):
        scale.require_same_model(-LOGITS, public)
