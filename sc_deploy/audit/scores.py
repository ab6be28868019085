"""What one attack, fitted on a model's calibration answers, says of its audit samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sc_deploy import digest, predictions
from sc_deploy.audit.evidence import AUDIT, CALIBRATION, REFERENCE
from sc_deploy.audit.pairing import has_references
from sc_deploy.contracts import NOTHING, AuditSet, CalibrationSet, Channel, DemandingAttack
from sc_deploy.privacy.attacks import by_name
from sc_deploy.privacy.statistics.units import known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.contracts import FittedAttack, Knowledge, Predictions, Role
    from sc_deploy.contracts.arrays import Float64, UInt8
    from sc_deploy.privacy.statistics.units import Units


LACKING: Final = {
    Channel.INPUTS: "the samples themselves",
    Channel.VOTES: "the model's answers to altered views of each sample",
    Channel.DISTANCE: "each sample's distance from where the answer changes",
    Channel.REFERENCES: "reference models (train them with `scdeploy references train`)",
    Channel.VERSIONS: "another published version of the model",
    Channel.FEATURES: "the inputs of the model's last layer",
    Channel.UNIT: "the unit of each sample",
    Channel.ATTRIBUTE: "a task that names an attribute",
}
"""How a reader is told what an attack went without."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores float64 [N], larger being more member-like, with the frozen threshold.

    `quantized` are those of (the samples that chose the integer ranges, fresh non-members).
    `units` say whose samples belong together, None where each is a draw of its own. All of it
    belongs to single samples and never leaves the audit.
    """

    attack: str
    threshold: float
    members: Float64
    non_members: Float64
    quantized: tuple[Float64, Float64] | None
    units: Units | None = None
    quantized_units: Units | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """A model under attack: its answers by role, and what is known of the samples besides.

    `lacking` says more of an empty channel than `LACKING` does, where more is known.
    """

    answers: Mapping[Role, Predictions]
    known: Mapping[Role, Knowledge] = field(default_factory=dict)
    lacking: Mapping[Channel, str] = field(default_factory=dict)

    def beside(self, roles: Sequence[Role]) -> tuple[Knowledge, Knowledge]:
        """What is known of members and of non-members, for a pair of roles."""
        inside, outside = (self.known.get(role, NOTHING) for role in roles)
        return inside, outside

    def units(self, roles: Sequence[Role]) -> Units | None:
        """Whose samples belong together in a pair of roles; None where each is its own."""
        inside, outside = (len(self.answers[role].labels) for role in roles)
        return known(*self.beside(roles), (inside, outside))

    def lacks(self, attack: str) -> str:
        """What the attack needs and nobody knows, in words; empty if it can be run."""
        sides = (*self.beside(CALIBRATION), *self.beside(AUDIT))
        shared = frozenset(Channel).intersection(*(side.channels for side in sides))
        found, told = by_name(attack), {**LACKING, **self.lacking}
        missing = [told[need] for need in Channel if need in found.needs - shared]
        if not missing and isinstance(found, DemandingAttack):
            missing = [more] if (more := found.lacks(sides)) else []
        return f"the {attack} attack needs {' and '.join(missing)}" if missing else ""


@dataclass(frozen=True, slots=True)
class Attackers:
    """Attacks fitted with one seed; a model that is met again is not attacked anew.

    All artifacts of a run have the same source and dense baseline. A model is known by the
    content of its calibration answers and of what is known beside them, so that no other model
    can get its attackers.
    """

    seed: int
    _fitted: dict[tuple[str, str], FittedAttack] = field(default_factory=dict)

    def fit(self, attack: str, model: Exposed) -> FittedAttack:
        inside, outside = (model.answers[role] for role in CALIBRATION)
        told = CalibrationSet(inside, outside, model.beside(CALIBRATION))
        key = (attack, _content(told, by_name(attack).needs))
        if key not in self._fitted:
            self._fitted[key] = by_name(attack).fit(told, seed=self.seed)
        return self._fitted[key]


def score(
    attack: str, model: Exposed, attackers: Attackers, *, quantization: UInt8 | None
) -> Scores:
    return _scored(attack, attackers.fit(attack, model), model, quantization)


def compared(
    attack: str,
    artifact: Exposed,
    source: Exposed,
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


def _content(told: CalibrationSet, needs: frozenset[Channel]) -> str:
    """Digest of all that the attack learns from."""
    sides = zip((told.members, told.non_members), told.known, strict=True)
    return digest.of_json(
        [
            [
                predictions.content_digest(answers),
                digest.of_arrays(
                    {
                        name: array
                        for name, array in known.arrays()
                        if name.partition(".")[0] in needs
                    }
                ),
            ]
            for answers, known in sides
        ]
    )


def _scored(
    attack: str, fitted: FittedAttack, model: Exposed, quantization: UInt8 | None
) -> Scores:
    inside, outside = (model.answers[role] for role in AUDIT)
    told = AuditSet(inside, outside, model.beside(AUDIT))
    members, non_members = fitted.evaluate(told)
    quantized = units = None
    if quantization is not None and _reaches_references(attack, model):
        fresh = _quantized(model, quantization)
        quantized, units = fitted.evaluate(fresh), _units(fresh)
    return Scores(attack, fitted.threshold, members, non_members, quantized, _units(told), units)


def _reaches_references(attack: str, model: Exposed) -> bool:
    """Whether the attack can be run on the samples that chose the integer ranges."""
    beside = (side.channels for side in model.beside(REFERENCE))
    return has_references(model.answers) and all(by_name(attack).needs <= told for told in beside)


def _quantized(model: Exposed, quantization: UInt8) -> AuditSet:
    """The samples that chose the integer ranges, against fresh non-members."""
    inside, fresh = (model.answers[role] for role in REFERENCE)
    rows = predictions.rows_of(inside.sample_id, quantization)
    chosen = predictions.select(inside, quantization)
    known_inside, known_fresh = model.beside(REFERENCE)
    return AuditSet(chosen, fresh, (known_inside.take(rows), known_fresh))


def _units(told: AuditSet) -> Units | None:
    return known(*told.known, (len(told.members.labels), len(told.non_members.labels)))
