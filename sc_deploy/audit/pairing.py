"""Which answers can be held against each other, sample by sample, and which are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy import predictions
from sc_deploy.audit.evidence import NEEDED, REFERENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.audit.evidence import Evidence
    from sc_deploy.contracts import Predictions, Role

LEAST = 10


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """Answers by role: the artifact's, and the others' in the artifact's order of samples.

    `source` is None unless it has every needed role with finite answers; `gaps` says in words
    what was given and cannot be used.
    """

    artifact: Mapping[Role, Predictions]
    source: Mapping[Role, Predictions] | None
    dense: Mapping[Role, Predictions] | None
    gaps: tuple[str, ...]


def pair(evidence: Evidence) -> Paired:
    """Raises IntegrityError where one side knows other samples or other labels."""
    artifact = evidence.artifact
    gaps = [f"the artifact's {gap}" for gap in _gaps(artifact)]
    source = _aligned(artifact, evidence.source)
    if source is not None:
        found = _gaps(source) + _not_numbers(source)
        gaps += [f"the source's {gap}" for gap in found]
        source = None if found else source
    dense = _aligned(artifact, evidence.dense)
    if dense is not None and _not_numbers(dense):
        gaps.append("the dense baseline's answers, which are not finite")
        dense = None
    return Paired(artifact, source, dense, tuple(gaps))


def are_finite(answers: Mapping[Role, Predictions]) -> bool:
    return not _not_numbers(answers)


def can_be_attacked(answers: Mapping[Role, Predictions]) -> bool:
    return not _gaps(answers)


def has_references(answers: Mapping[Role, Predictions]) -> bool:
    return all(role in answers for role in REFERENCE)


def _aligned(
    first: Mapping[Role, Predictions], second: Mapping[Role, Predictions] | None
) -> Mapping[Role, Predictions] | None:
    """The roles that both have, in the order of `first`; the others cannot be compared."""
    if second is None:
        return None
    return {role: predictions.align(first[role], second[role]) for role in second if role in first}


def _gaps(answers: Mapping[Role, Predictions]) -> list[str]:
    return [
        f"{role} answers"
        for role in NEEDED
        if role not in answers or len(answers[role].labels) < LEAST
    ]


def _not_numbers(answers: Mapping[Role, Predictions]) -> list[str]:
    return [
        f"{role} answers, which are not finite"
        for role, given in answers.items()
        if not np.isfinite(given.logits).all()
    ]
