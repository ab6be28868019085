from __future__ import annotations

from typing import Any

import numpy as np

from sc_deploy.contracts import AuditSet, CalibrationSet
from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.modified_entropy import MODIFIED_ENTROPY
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_within_a_class_the_order_is_that_of_modified_entropy(game: Any) -> None:
    round_ = game(0.5)
    scores, _ = MODIFIED_ENTROPY.fit(round_.calibration, seed=0).evaluate(round_.audit)
    members = round_.audit.members
    entropy = signals.modified_entropy(members.logits, members.labels)
    for label in range(10):
        chosen = members.labels == label
        order = np.argsort(-entropy[chosen])
        assert (np.diff(scores[chosen][order]) > 0).all()


def test_one_threshold_serves_classes_of_unlike_difficulty(answers: Any) -> None:
    """Easy classes look like members everywhere; only within a class does a leak show."""

    def shifted(n: int, *, leak: float, seed: int) -> Any:
        drawn = answers(n, leak=leak, seed=seed)
        drawn.logits[np.arange(n), drawn.labels] += 2.0 * (drawn.labels % 2)
        return drawn

    calibration = CalibrationSet(shifted(1500, leak=1, seed=0), shifted(1500, leak=0, seed=1))
    audit = AuditSet(shifted(4000, leak=1, seed=2), shifted(4000, leak=0, seed=3))
    placed = auc(*MODIFIED_ENTROPY.fit(calibration, seed=0).evaluate(audit))
    plain = auc(
        *(
            -signals.modified_entropy(side.logits, side.labels)
            for side in (audit.members, audit.non_members)
        )
    )
    assert placed.value > plain.value + 0.02


def test_a_class_that_calibration_never_saw_is_still_scored(game: Any, only: Any) -> None:
    round_ = game(1.0)
    known = tuple(range(9))
    calibration = CalibrationSet(
        only(round_.calibration.members, *known), only(round_.calibration.non_members, *known)
    )
    fitted = MODIFIED_ENTROPY.fit(calibration, seed=0)
    assert 9 not in fitted.scales.by_class
    unseen = AuditSet(only(round_.audit.members, 9), only(round_.audit.non_members, 9))
    members, others = fitted.evaluate(unseen)
    assert np.isfinite(members).all()
    assert auc(members, others).value > 0.55


def test_members_beyond_every_calibration_sample_are_not_tied(game: Any) -> None:
    round_ = game(6.0, calibration=200)
    members, _ = MODIFIED_ENTROPY.fit(round_.calibration, seed=0).evaluate(round_.audit)
    assert len(np.unique(members)) == len(members)
