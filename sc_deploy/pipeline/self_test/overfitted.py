"""A network that has memorised its members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Outcome
from sc_deploy.pipeline.self_test import telling
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen

if TYPE_CHECKING:
    from sc_deploy.pipeline.self_test.laboratory import Laboratory


def _examine(laboratory: Laboratory) -> Observation:
    audit, verdict = laboratory.judge(laboratory.leaky)
    leaks = "leaks more than the policy allows" in verdict.reason
    return Observation(telling.verdict(audit, verdict), verdict.outcome is Outcome.FAIL and leaks)


SPECIMEN: Final = Specimen(
    "over-fitted model",
    "a perceptron that learned its digits by heart, wrong labels included",
    "FAIL, because it leaks",
    _examine,
)
