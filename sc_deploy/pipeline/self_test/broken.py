"""Files whose answers have nothing to do with the samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Outcome
from sc_deploy.pipeline.self_test.laboratory import answering
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.contracts.arrays import Float32
    from sc_deploy.pipeline.self_test.laboratory import Laboratory


def _examine(laboratory: Laboratory, ruin: Callable[[Float32], Float32]) -> Observation:
    evidence = laboratory.private
    ruined = {role: ruin(given.logits) for role, given in evidence.artifact.items()}
    _, verdict = laboratory.judge(answering(evidence, ruined), laboratory.quick)
    broken = "The file is broken" in verdict.reason
    told = f"{verdict.outcome}, {'called broken' if broken else 'not called broken'}"
    return Observation(told, verdict.outcome is Outcome.FAIL and broken)


def _shuffled(laboratory: Laboratory) -> Observation:
    rng = laboratory.generator(20)
    return _examine(laboratory, lambda logits: rng.permutation(logits, axis=0))


def _constant(laboratory: Laboratory) -> Observation:
    return _examine(laboratory, lambda logits: np.tile(logits[:1], (len(logits), 1)))


SHUFFLED: Final = Specimen(
    "shuffled answers",
    "a file that gives each sample the answer of another; it looks private",
    "FAIL, called broken",
    _shuffled,
)
CONSTANT: Final = Specimen(
    "constant answers",
    "a file that gives every sample one and the same answer",
    "FAIL, called broken",
    _constant,
)
