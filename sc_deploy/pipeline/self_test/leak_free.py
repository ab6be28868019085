"""A network that never saw the samples it is audited on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Outcome
from sc_deploy.pipeline.self_test import telling
from sc_deploy.pipeline.self_test.laboratory import ADEQUATE
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen

if TYPE_CHECKING:
    from sc_deploy.pipeline.self_test.laboratory import Laboratory


def _examine(laboratory: Laboratory) -> Observation:
    audit, verdict = laboratory.judge(laboratory.private)
    return Observation(telling.verdict(audit, verdict), verdict.outcome is Outcome.PASS)


SPECIMEN: Final = Specimen(
    "leak-free model",
    f"a perceptron trained on other digits, {ADEQUATE:,} samples a side",
    "PASS",
    _examine,
)
