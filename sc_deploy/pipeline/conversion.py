"""Whether a fresh file may be called an artifact: what it answers, and what is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.findings import parity
from sc_deploy.contracts import Outcome, Role
from sc_deploy.errors import ConversionError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.contracts import Artifact, Check, Predictions, TensorStat, Tolerance
    from sc_deploy.contracts.arrays import Float32

CONFIDENCE: Final = 0.95


def require_faithful(
    answers: Mapping[int, Float32], source: Predictions, tolerance: Tolerance
) -> None:
    """Raise ConversionError unless the answers agree with the source's at every batch size.

    `answers` maps a batch size to logits float32 [n, C] for the samples of `source`.
    """
    problems = [
        Problem(f"batches of {size}", check.reason, check.remedy)
        for size, logits in answers.items()
        for check in _checks(logits, source, tolerance)
        if check.outcome is not Outcome.PASS
    ]
    _refuse(problems)


def require_weights(found: Sequence[TensorStat], artifact: Artifact) -> None:
    """Raise ConversionError unless every weight of the source is in the file, zeros as zeros."""
    check = parity.weights(
        found, artifact.tensors, rounded=artifact.precision != "fp32", required=True
    )
    if check.outcome is not Outcome.PASS:
        _refuse([Problem("weights", check.reason, check.remedy)])


def _checks(logits: Float32, source: Predictions, tolerance: Tolerance) -> tuple[Check, ...]:
    if logits.shape != source.logits.shape:
        return parity.other_classes(logits.shape[-1], source.logits.shape[-1])
    if not np.isfinite(logits).all():
        return (replace(parity.logits(None, tolerance, required=True), reason="not finite"),)
    ours = {Role.VALIDATION: replace(source, logits=logits)}
    found = parity.compare(ours, {Role.VALIDATION: source}, confidence=CONFIDENCE)
    return (
        parity.logits(found, tolerance, required=True),
        parity.top_1(found, tolerance, required=True),
    )


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise ConversionError(
            "the converter reported success, and the file is not the model",
            remedy="nothing was published; try fp32, another format, or report it upstream",
            problems=problems,
        )
