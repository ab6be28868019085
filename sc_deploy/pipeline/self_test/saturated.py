"""A leaky network behind a softmax of eight bits, which hides the leak in ties."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from sc_deploy.contracts import Outcome, Tolerance
from sc_deploy.pipeline.self_test.laboratory import answering
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32
    from sc_deploy.pipeline.self_test.laboratory import Laboratory

LIMITS: Final = (0.55, 0.75, 0.95)
STEPS: Final = 255
# As sure of itself as big networks are. Their posteriors round to 0 and 1.
SURENESS: Final = 4.0


def _examine(laboratory: Laboratory) -> Observation:
    """Even a limit above all that the ties show, and no comparison with a source, is no PASS."""
    evidence = laboratory.leaky
    rounded = {role: _eight_bits(given.logits) for role, given in evidence.artifact.items()}
    alone = replace(answering(evidence, rounded), source=None, tolerance=Tolerance(99.0, 0.0))
    outcomes = [
        laboratory.judge(alone, laboratory.policy_with_limit(limit))[1].outcome for limit in LIMITS
    ]
    told = ", ".join(
        f"{outcome} at {limit:g}" for limit, outcome in zip(LIMITS, outcomes, strict=True)
    )
    return Observation(told, Outcome.PASS not in outcomes)


def _eight_bits(logits: Float32) -> Float32:
    """Logarithms of posteriors in 255 steps; what rounds to zero gets half a step."""
    rounded = (
        np.round(special.softmax(SURENESS * logits.astype(np.float64), axis=1) * STEPS) / STEPS
    )
    return np.log(np.maximum(rounded, 0.5 / STEPS)).astype(np.float32)


SPECIMEN: Final = Specimen(
    "int8 softmax",
    "the over-fitted model, sure of itself, behind posteriors of 8 bits",
    "never PASS, whatever the limit",
    _examine,
)
