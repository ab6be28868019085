from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.contracts import AuditSet, CalibrationSet, Predictions
from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.confidence import CONFIDENCE
from sc_deploy.privacy.attacks.entropy import ENTROPY
from sc_deploy.privacy.attacks.loss import LOSS
from sc_deploy.privacy.attacks.modified_entropy_global import MODIFIED_ENTROPY_GLOBAL
from sc_deploy.privacy.attacks.signal_attack import SignalAttack

# Any: the types of fixtures live in conftest.py, which tests cannot import.

GENTLE = np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 5, 200)
P = signals.posteriors(GENTLE)
OWN = P[np.arange(200), LABELS]


@pytest.mark.parametrize(
    ("attack", "member_like"),
    [
        (LOSS, np.log(OWN)),
        (CONFIDENCE, P.max(axis=1)),
        (ENTROPY, (P * np.log(P)).sum(axis=1)),
        (MODIFIED_ENTROPY_GLOBAL, -signals.modified_entropy(GENTLE, LABELS)),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_samples_are_ordered_as_the_papers_formula_orders_them(
    attack: SignalAttack, member_like: Any
) -> None:
    found = attack.signal(Predictions(GENTLE, LABELS, np.zeros((200, 32), np.uint8)))
    np.testing.assert_array_equal(np.argsort(found), np.argsort(member_like))


@pytest.mark.parametrize("attack", [LOSS, CONFIDENCE, ENTROPY, MODIFIED_ENTROPY_GLOBAL])
def test_answers_that_a_softmax_would_round_to_one_do_not_tie(attack: SignalAttack) -> None:
    logits = np.zeros((50, 4), np.float32)
    logits[:, 2] = np.linspace(800, 5000, 50)
    labels = np.full(50, 2)
    assert len(np.unique(signals.posteriors(logits)[:, 2])) == 1
    found = attack.signal(Predictions(logits, labels, np.zeros((50, 32), np.uint8)))
    assert (np.diff(found) > 0).all()


def test_confidence_and_entropy_ask_for_no_label(answers: Any) -> None:
    given = answers(100, leak=0, seed=0)
    other = Predictions(given.logits, (given.labels + 1) % 10, given.sample_id)
    for attack in (CONFIDENCE, ENTROPY):
        np.testing.assert_array_equal(attack.signal(given), attack.signal(other))


def test_the_threshold_comes_from_calibration_samples_alone(answers: Any) -> None:
    told = CalibrationSet(answers(300, leak=2, seed=0), answers(300, leak=0, seed=1))
    fitted = LOSS.fit(told, seed=0)
    audit = AuditSet(answers(50, leak=2, seed=2), answers(50, leak=0, seed=3))
    fitted.evaluate(audit)
    assert fitted.threshold in np.concatenate(
        [LOSS.signal(told.members), LOSS.signal(told.non_members)]
    )
