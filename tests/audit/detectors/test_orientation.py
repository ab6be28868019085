from __future__ import annotations

import numpy as np

from sc_deploy.audit.detectors.orientation import orientation
from sc_deploy.audit.scores import Scores
from sc_deploy.contracts import Cause, Outcome


def scores(members: np.ndarray, others: np.ndarray) -> Scores:
    return Scores("loss", 0.0, members, others, None)


def test_an_attack_with_its_sign_turned_fails_the_detector() -> None:
    rng = np.random.default_rng(0)
    members, others = rng.normal(0.5, 1, 500), rng.normal(size=500)
    assert orientation({"artifact": [scores(members, others)]}).outcome is Outcome.PASS
    check = orientation({"artifact": [scores(-members, -others)]})
    assert check.cause is Cause.DETECTOR_FAILED


def test_the_orientation_detector_is_rarely_alarmed_by_chance() -> None:
    rng = np.random.default_rng(1)
    alarms = sum(
        orientation({"a": [scores(rng.normal(size=100), rng.normal(size=100))]}).outcome
        is not Outcome.PASS
        for _ in range(500)
    )
    assert alarms <= 4
