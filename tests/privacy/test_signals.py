from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from sc_deploy.privacy import signals

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64

LOGITS = np.array([[2.0, 1.0, 0.0]])
LABEL = np.array([0])


def test_golden_values_of_one_answer() -> None:
    assert signals.posteriors(LOGITS)[0] == pytest.approx([0.665241, 0.244728, 0.090031], abs=1e-6)
    assert signals.loss(LOGITS, LABEL)[0] == pytest.approx(0.407606, abs=1e-6)
    assert signals.entropy(LOGITS)[0] == pytest.approx(0.832396, abs=1e-6)
    assert signals.log_entropy(LOGITS)[0] == pytest.approx(np.log(0.832396), abs=1e-6)
    assert signals.modified_entropy(LOGITS, LABEL)[0] == pytest.approx(0.213634, abs=1e-6)
    assert signals.margin(LOGITS, LABEL)[0] == pytest.approx(0.686738, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, (4, 5), elements=st.floats(-8, 8)))
def test_signals_equal_their_definitions_where_those_are_stable(logits: Float64) -> None:
    labels = np.array([0, 1, 2, 3])
    rows = np.arange(4)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    own = p[rows, labels]
    others = p * np.log1p(-p)
    modified = -(1 - own) * np.log(own) - others.sum(axis=1) + others[rows, labels]
    np.testing.assert_allclose(signals.loss(logits, labels), -np.log(own), rtol=1e-6)
    np.testing.assert_allclose(
        signals.margin(logits, labels), np.log(own) - np.log1p(-own), atol=1e-6
    )
    # The definition itself is off by some 1e-15 where its terms nearly cancel.
    np.testing.assert_allclose(
        signals.modified_entropy(logits, labels), modified, rtol=1e-5, atol=1e-13
    )
    np.testing.assert_allclose(
        np.exp(signals.log_entropy(logits)), stats.entropy(p, axis=1), rtol=1e-6
    )
    np.testing.assert_allclose(signals.entropy(logits), stats.entropy(p, axis=1), rtol=1e-6)


def test_adding_a_constant_to_all_logits_changes_nothing() -> None:
    np.testing.assert_allclose(
        signals.modified_entropy(LOGITS + 1000, LABEL), signals.modified_entropy(LOGITS, LABEL)
    )


def test_extreme_answers_stay_finite_and_keep_their_order() -> None:
    logits = np.array([[3e4, 0, 0], [2e4, 0, 0], [60, 0, 0], [50, 0, 0]], dtype=np.float32)
    labels = np.zeros(4, dtype=np.int64)
    margin = signals.margin(logits, labels)
    assert np.isfinite(margin).all()
    assert (np.diff(margin) < 0).all()
    modified = signals.log_modified_entropy(logits, labels)
    assert np.isfinite(modified).all()
    assert (np.diff(modified) > 0).all()
    entropy = signals.log_entropy(logits)
    assert np.isfinite(entropy).all()
    assert (np.diff(entropy) > 0).all()
    wrong = np.ones(4, dtype=np.int64)
    for value in (signals.loss(logits, wrong), signals.modified_entropy(logits, wrong)):
        assert np.isfinite(value).all()
        assert (np.diff(value) < 0).all()


def test_fifty_and_sixty_nats_are_still_told_apart_by_the_loss() -> None:
    logits = np.array([[60, 0, 0], [50, 0, 0]], dtype=np.float32)
    first, second = signals.loss(logits, np.array([0, 0]))
    assert 0 < first < second


def test_equal_logits_of_two_classes_give_a_margin_of_zero() -> None:
    assert signals.margin(np.array([[1.5, 1.5]]), np.array([1]))[0] == pytest.approx(0.0, abs=1e-12)
