from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sc_deploy.contracts import AuditSet, CalibrationSet
from sc_deploy.privacy.attacks.loss import LOSS
from sc_deploy.privacy.attacks.neural import NeuralAttack
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_scores_of_a_sample_do_not_depend_on_the_others_scored(game: Any) -> None:
    round_ = game(1.0, calibration=100, audit=300)
    fitted = NeuralAttack().fit(round_.calibration, seed=0)
    members, _ = fitted.evaluate(round_.audit)
    few = round_.audit.members
    few = replace(few, logits=few.logits[:7], labels=few.labels[:7])
    alone, _ = fitted.evaluate(AuditSet(few, few))
    np.testing.assert_allclose(alone, members[:7], rtol=1e-9)


def test_the_smallest_calibration_still_fits(answers: Any) -> None:
    few = CalibrationSet(answers(3, leak=1, seed=0), answers(2, leak=0, seed=1))
    fitted = NeuralAttack().fit(few, seed=0)
    assert not np.isnan(fitted.threshold)


def shifted(game: Any, by: Callable[[NDArray[np.int64]], NDArray[np.float64]]) -> Any:
    """A game whose members' own-label logits are moved by an amount that their label sets."""
    fair = game(0.0, calibration=1000)
    moved = []
    for given in (fair.calibration.members, fair.audit.members):
        logits = given.logits.copy()
        logits[np.arange(len(logits)), given.labels] += by(given.labels)
        moved.append(replace(given, logits=logits))
    return CalibrationSet(moved[0], fair.calibration.non_members), AuditSet(
        moved[1], fair.audit.non_members
    )


def found(calibration: CalibrationSet, audit: AuditSet) -> float:
    return auc(*NeuralAttack().fit(calibration, seed=0).evaluate(audit)).value


def test_a_leak_is_found_that_every_threshold_misses(game: Any) -> None:
    calibration, audit = shifted(game, lambda labels: np.where(labels % 2, 1.0, -1.0))
    loss = auc(*LOSS.fit(calibration, seed=0).evaluate(audit))
    assert abs(loss.value - 0.5) < 0.03
    assert found(calibration, audit) > 0.6


def test_members_that_are_answered_less_surely_are_found(game: Any) -> None:
    assert found(*shifted(game, lambda labels: np.full(len(labels), -1.0))) > 0.6


def test_confident_answers_do_not_hide_the_leak_that_their_loss_shows(game: Any) -> None:
    sure = shifted(game, lambda labels: np.full(len(labels), 1.0))
    calibration, audit = (
        type(side)(
            replace(side.members, logits=side.members.logits * 50),
            replace(side.non_members, logits=side.non_members.logits * 50),
        )
        for side in sure
    )
    assert found(calibration, audit) > 0.6


@pytest.mark.slow
def test_twelve_hundred_calibration_samples_take_seconds(game: Any) -> None:
    round_ = game(1.0, calibration=600)
    start = time.process_time()
    NeuralAttack().fit(round_.calibration, seed=0)
    assert time.process_time() - start < 15
