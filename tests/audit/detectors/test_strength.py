from __future__ import annotations

from typing import Any

import numpy as np

from sc_deploy.audit.detectors.strength import strength
from sc_deploy.audit.scores import Scores
from sc_deploy.contracts import Cause, Outcome, Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def scores(members: np.ndarray, others: np.ndarray) -> Scores:
    return Scores("loss", 0.0, members, others, None)


def test_an_attack_that_misses_what_accuracy_alone_shows_fails_the_detector(given: Any) -> None:
    """AIJack found AUC 0.519 on a model whose accuracy gap alone gives 0.72."""
    members = given.artifact[Role.MEMBER_AUDIT]
    members.logits[np.arange(200), members.labels] += 50
    others = given.artifact[Role.NON_MEMBER_AUDIT]
    others.logits[:120] = np.roll(others.logits[:120], 1, axis=1)
    rng = np.random.default_rng(0)
    blind = scores(rng.normal(size=200), rng.normal(size=200))
    check = strength(given.artifact, [blind])
    assert check.cause is Cause.DETECTOR_FAILED
    seeing = scores(rng.normal(4, 1, 200), rng.normal(size=200))
    assert strength(given.artifact, [blind, seeing]).outcome is Outcome.PASS
