"""Members given as non-members, and the other way round."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sc_deploy.audit.detectors import orientation
from sc_deploy.audit.evidence import AUDIT, CALIBRATION
from sc_deploy.contracts import Outcome
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Predictions, Role
    from sc_deploy.pipeline.self_test.laboratory import Laboratory


def _examine(laboratory: Laboratory) -> Observation:
    evidence = laboratory.leaky
    assert evidence.source is not None
    wrong = replace(
        evidence, artifact=_swapped(evidence.artifact), source=_swapped(evidence.source), known={}
    )
    _, verdict = laboratory.judge(wrong, laboratory.quick)
    noticed = any(
        check.name == orientation.TOPIC.name and check.outcome is not Outcome.PASS
        for check in verdict.checks
    )
    told = f"{verdict.outcome}, {'noticed' if noticed else 'not noticed'}"
    return Observation(told, verdict.outcome is not Outcome.PASS and noticed)


def _swapped(answers: Mapping[Role, Predictions]) -> dict[Role, Predictions]:
    found = dict(answers)
    for inside, outside in (AUDIT, CALIBRATION):
        found[inside], found[outside] = answers[outside], answers[inside]
    return found


SPECIMEN: Final = Specimen(
    "swapped sides",
    "the over-fitted model with members and non-members exchanged",
    "noticed, and never PASS",
    _examine,
)
