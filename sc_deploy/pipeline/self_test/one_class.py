"""A network that remembers the members of a single class."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.evidence import AUDIT, CALIBRATION
from sc_deploy.audit.findings.slices import NAME
from sc_deploy.contracts import Outcome
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen
from sc_deploy.policy import Slices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.audit.evidence import Evidence
    from sc_deploy.contracts import Check, Predictions, Role
    from sc_deploy.pipeline.self_test.laboratory import Laboratory

LEAKY, LIMIT = 7, 0.6
GAIN: Final = 8.0


def _examine(laboratory: Laboratory) -> Observation:
    clean, planted = (
        _check(laboratory, evidence)
        for evidence in (laboratory.private, _remembering(laboratory, laboratory.private))
    )
    named = f"class {LEAKY}" in planted.reason
    told = (
        f"without it {'FAIL' if clean.outcome is Outcome.FAIL else 'no FAIL'}, "
        f"with it {planted.outcome}, {'named' if named else 'not named'}"
    )
    right = clean.outcome is not Outcome.FAIL and planted.outcome is Outcome.FAIL
    return Observation(told, right and named)


def _check(laboratory: Laboratory, evidence: Evidence) -> Check:
    policy = laboratory.quick.model_copy(update={"slices": Slices(auc=LIMIT)})
    _, verdict = laboratory.judge(evidence, policy)
    return next(check for check in verdict.checks if check.name == NAME)


def _remembering(laboratory: Laboratory, evidence: Evidence) -> Evidence:
    """Source and artifact are surer of members of one class, by a random amount each."""
    rng = laboratory.generator(40)
    members = (CALIBRATION[0], AUDIT[0])
    gains = {role: GAIN * rng.random(len(evidence.artifact[role].labels)) for role in members}

    def learned(answers: Mapping[Role, Predictions]) -> dict[Role, Predictions]:
        return dict(answers) | {role: _surer(answers[role], gains[role]) for role in members}

    assert evidence.source is not None
    return replace(evidence, artifact=learned(evidence.artifact), source=learned(evidence.source))


def _surer(given: Predictions, gain: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Predictions:
    logits = given.logits.copy()
    logits[np.arange(len(logits)), given.labels] += gain * (given.labels == LEAKY)
    return replace(given, logits=logits.astype(np.float32))


SPECIMEN: Final = Specimen(
    "one leaky class",
    f"the leak-free model, which remembers members of class {LEAKY} alone",
    "that class is named, and no class without it",
    _examine,
)
