from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.contracts import AuditSet, CalibrationSet
from sc_deploy.privacy.attacks.neural import NeuralAttack

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


@pytest.mark.slow
def test_twelve_hundred_calibration_samples_take_seconds(game: Any) -> None:
    round_ = game(1.0, calibration=600)
    start = time.process_time()
    NeuralAttack().fit(round_.calibration, seed=0)
    assert time.process_time() - start < 15
