"""What one attack, fitted on a model's calibration answers, says of its audit samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sc_deploy import predictions
from sc_deploy.audit.evidence import AUDIT, CALIBRATION, REFERENCE
from sc_deploy.audit.pairing import has_references
from sc_deploy.contracts import AuditSet, CalibrationSet
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import FittedAttack, Predictions, Role
    from sc_deploy.contracts.arrays import Float64, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores float64 [N], larger being more member-like, with the frozen threshold.

    `quantized` are those of (the samples that chose the integer ranges, fresh non-members).
    They belong to single samples and never leave the audit.
    """

    attack: str
    threshold: float
    members: Float64
    non_members: Float64
    quantized: tuple[Float64, Float64] | None


@dataclass(frozen=True, slots=True)
class Attackers:
    """Attacks fitted with one seed; a model that is met again is not attacked anew.

    All artifacts of a run have the same source and dense baseline. A model is known by the
    content of its calibration answers, so that no other model can get its attackers.
    """

    seed: int
    _fitted: dict[tuple[str, str, str], FittedAttack] = field(default_factory=dict)

    def fit(self, attack: str, answers: Mapping[Role, Predictions]) -> FittedAttack:
        sides = tuple(answers[role] for role in CALIBRATION)
        members, others = (predictions.content_digest(side) for side in sides)
        key = (attack, members, others)
        if key not in self._fitted:
            self._fitted[key] = by_name(attack).fit(CalibrationSet(*sides), seed=self.seed)
        return self._fitted[key]


def score(
    attack: str,
    answers: Mapping[Role, Predictions],
    attackers: Attackers,
    *,
    quantization: UInt8 | None,
) -> Scores:
    return _scored(attack, attackers.fit(attack, answers), answers, quantization)


def compared(
    attack: str,
    artifact: Mapping[Role, Predictions],
    source: Mapping[Role, Predictions],
    attackers: Attackers,
    *,
    quantization: UInt8 | None,
) -> tuple[Scores, Scores]:
    """Scores of artifact and source on which the change between them is measured.

    Where fitting leaves something to chance, the artifact's attacker reads both. With one each,
    the luck of two attackers passes for a difference of the models: files that differ by
    rounding came out .02 of AUC apart. The artifact's attacker misses nothing that the artifact
    newly gives away, and at worst overlooks what only the source did.
    """
    ours = attackers.fit(attack, artifact)
    theirs = ours if by_name(attack).chance else attackers.fit(attack, source)
    return (
        _scored(attack, ours, artifact, quantization),
        _scored(attack, theirs, source, quantization),
    )


def _scored(
    attack: str,
    fitted: FittedAttack,
    answers: Mapping[Role, Predictions],
    quantization: UInt8 | None,
) -> Scores:
    members, non_members = fitted.evaluate(AuditSet(*(answers[role] for role in AUDIT)))
    quantized = None
    if quantization is not None and has_references(answers):
        inside, fresh = (answers[role] for role in REFERENCE)
        quantized = fitted.evaluate(AuditSet(predictions.select(inside, quantization), fresh))
    return Scores(attack, fitted.threshold, members, non_members, quantized)
