"""A leak-free file about which something is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Outcome, Role
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen

if TYPE_CHECKING:
    from sc_deploy.pipeline.self_test.laboratory import Laboratory


def _examine(laboratory: Laboratory) -> Observation:
    whole = laboratory.private
    without_test = dict(whole.artifact)
    del without_test[Role.TEST]
    cut = {
        "source": replace(whole, source=None),
        "weights": replace(whole, tensors_found=None),
        "test samples": replace(whole, artifact=without_test),
        "batch sizes": replace(whole, batch_sizes=()),
    }
    policy = laboratory.quick
    outcomes = {name: laboratory.judge(found, policy)[1].outcome for name, found in cut.items()}
    told = ", ".join(f"no {name}: {outcome}" for name, outcome in outcomes.items())
    return Observation(told, Outcome.PASS not in outcomes.values())


SPECIMEN: Final = Specimen(
    "missing evidence",
    "the leak-free model, with one piece of evidence at a time left out",
    "never PASS",
    _examine,
)
