"""The list of detectors: who examines the evidence, and who the attacks themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from sc_deploy.audit.detectors import (
    apart,
    balance,
    batch,
    blind,
    complete,
    control,
    enough,
    finite,
    labels,
    members,
    null_run,
    orientation,
    origin,
    overfitted,
    preparation,
    rehearsal,
    repeatable,
    reuse,
    samples,
    saturated,
    strength,
    twins,
)
from sc_deploy.audit.detectors.rehearsal import Rehearsal, Side
from sc_deploy.audit.evidence import ARTIFACT, AUDIT, CALIBRATION, SOURCE
from sc_deploy.audit.pairing import can_be_attacked
from sc_deploy.audit.scores import Exposed
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sc_deploy.audit.detectors.samples import Sides
    from sc_deploy.audit.evidence import Evidence
    from sc_deploy.audit.pairing import Paired
    from sc_deploy.audit.scores import Attackers, Scores
    from sc_deploy.audit.topic import Topic
    from sc_deploy.contracts import Attack, Check, Predictions, Role
    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.units import Units

GivenT = TypeVar("GivenT")


@dataclass(frozen=True, slots=True, eq=False)
class Detector(Generic[GivenT]):
    """A question and who answers it."""

    topic: Topic
    answer: Callable[[GivenT], Check]


@dataclass(frozen=True, slots=True, eq=False)
class Unattacked:
    """The evidence of an audit before any attack; `sides` None where no samples were given."""

    evidence: Evidence
    paired: Paired
    policy: Policy
    seed: int
    sides: Sides | None

    @property
    def artifact(self) -> Mapping[Role, Predictions]:
        return self.paired.artifact

    @property
    def units(self) -> Units | None:
        """Whose audit samples belong together."""
        return Exposed(self.artifact, self.evidence.known.get(ARTIFACT, {})).units(AUDIT)


@dataclass(frozen=True, slots=True, eq=False)
class Attacked:
    """The artifact under the attacks of a policy, and the scores of every subject by name."""

    artifact: Exposed
    scores: Mapping[str, Sequence[Scores]]
    policy: Policy
    attackers: Attackers

    @property
    def gating(self) -> list[Attack]:
        """Only these are examined: a figure that is merely shown claims nothing."""
        return [by_name(name) for name in self.policy.attacks if not self.artifact.lacks(name)]

    @property
    def judged(self) -> dict[str, list[Scores]]:
        """The scores of gating attacks on the artifact and on its source."""
        return {
            name: [one for one in self.scores[name] if one.attack in self.policy.attacks]
            for name in (ARTIFACT, SOURCE)
            if name in self.scores
        }


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """What was attacked, with how, and the samples that attacks are tried on; `few` of them."""

    evidence: Evidence
    attacked: Attacked
    attacks: Sequence[Attack]
    few: Rehearsal

    @property
    def seed(self) -> int:
        return self.attacked.attackers.seed


def _complete(given: Unattacked) -> Check:
    return complete.complete(given.paired)


def _finite(given: Unattacked) -> Check:
    return finite.finite(given.artifact)


def _labels(given: Unattacked) -> Check:
    return labels.labels(given.artifact)


def _origin(given: Unattacked) -> Check:
    return origin.origin(self_supplied=given.evidence.self_supplied)


def _batch(given: Unattacked) -> Check:
    return batch.batch(given.evidence.batch_sizes, given.evidence.unsteady)


def _apart(given: Unattacked) -> Check:
    return apart.apart(given.artifact, given.evidence.quantization, given.evidence.may_share)


def _enough(given: Unattacked) -> Check:
    return enough.enough(given.artifact, given.policy.min_audit_samples, given.evidence.units)


def _members(given: Unattacked) -> Check:
    evidence = given.evidence
    return members.members(
        brought_weights=evidence.brought_weights, declared=evidence.declared_members
    )


def _reuse(given: Unattacked) -> Check:
    return reuse.reuse(given.evidence.looks, given.policy.most_looks)


def _saturated(given: Unattacked) -> Check:
    return saturated.saturated(given.artifact, given.units)


def _balance(given: Unattacked) -> Check:
    return balance.balance(given.artifact, given.evidence.units, seed=given.seed)


def _preparation(given: Unattacked) -> Check:
    prepared = given.evidence.preprocessing
    return preparation.preparation(given.sides, prepared, given.policy, seed=given.seed)


def _twins(given: Unattacked) -> Check:
    return twins.twins(given.sides, given.policy, seed=given.seed)


def _blind(given: Unattacked) -> Check:
    return blind.blind(given.sides, given.policy, seed=given.seed)


def _repeatable(given: Tried) -> Check:
    attacked = given.attacked
    by_answers = [attack.name for attack in given.attacks if not attack.needs]
    return repeatable.repeatable(
        given.evidence.repeats,
        [attacked.attackers.fit(name, attacked.artifact) for name in by_answers],
    )


def _orientation(given: Tried) -> Check:
    return orientation.orientation(given.attacked.judged)


def _strength(given: Tried) -> Check:
    attacked = given.attacked
    return strength.strength(attacked.artifact.answers, attacked.judged[ARTIFACT])


def _overfitted(given: Tried) -> Check:
    return overfitted.overfitted([_exam(attack, given.attacked) for attack in given.attacks])


def _null_run(given: Tried) -> Check:
    return null_run.null_run(given.few, given.attacks, seed=given.seed)


def _control(given: Tried) -> Check:
    return control.control(given.few, given.attacks, seed=given.seed)


def _rehearsal(model: Exposed) -> Rehearsal:
    calibration, audit = (_sides(model, roles) for roles in (CALIBRATION, AUDIT))
    return Rehearsal(calibration, audit)


def _sides(model: Exposed, roles: Sequence[Role]) -> tuple[Side, Side]:
    inside, outside = (model.answers[role] for role in roles)
    known = model.beside(roles)
    return Side(inside, known[0]), Side(outside, known[1])


def _exam(attack: Attack, attacked: Attacked) -> overfitted.Exam:
    model = attacked.artifact
    fitted = attacked.attackers.fit(attack.name, model)
    learned = fitted.evaluate(rehearsal.asked(*_sides(model, CALIBRATION)))
    found = next(one for one in attacked.scores[ARTIFACT] if one.attack == attack.name)
    return overfitted.Exam(
        attack.name,
        overfitted.Ranked(*learned, model.units(CALIBRATION)),
        overfitted.Ranked(found.members, found.non_members, found.units),
    )


OF_EVERYTHING: Final = (
    Detector(complete.TOPIC, _complete),
    Detector(finite.TOPIC, _finite),
    Detector(labels.TOPIC, _labels),
    Detector(origin.TOPIC, _origin),
    Detector(batch.TOPIC, _batch),
    Detector(apart.TOPIC, _apart),
    Detector(enough.TOPIC, _enough),
    Detector(members.TOPIC, _members),
    Detector(reuse.TOPIC, _reuse),
)
"""Asked of any evidence; some of them decide whether there will be an attack."""

OF_SAMPLES: Final = (
    Detector(saturated.TOPIC, _saturated),
    Detector(balance.TOPIC, _balance),
    Detector(preparation.TOPIC, _preparation),
    Detector(twins.TOPIC, _twins),
    Detector(blind.TOPIC, _blind),
)
"""Asked where the artifact can be attacked."""

OF_ATTACKS: Final = (
    Detector(repeatable.TOPIC, _repeatable),
    Detector(orientation.TOPIC, _orientation),
    Detector(strength.TOPIC, _strength),
    Detector(overfitted.TOPIC, _overfitted),
    Detector(null_run.TOPIC, _null_run),
    Detector(control.TOPIC, _control),
)
"""What the attacks themselves must show before their figures count."""

ALL: Final = (
    *(detector.topic for detector in (*OF_EVERYTHING, *OF_SAMPLES)),
    *(detector.topic for detector in OF_ATTACKS),
)
"""Every question of a detector: what a verdict must have an answer to."""

MUST_HOLD: Final = (finite.TOPIC, labels.TOPIC, apart.TOPIC)
"""Without these there is no honest leakage figure at all, and none is computed."""


def before(evidence: Evidence, paired: Paired, policy: Policy, *, seed: int) -> tuple[Check, ...]:
    """What needs no attack."""
    attackable = can_be_attacked(paired.artifact)
    given = Unattacked(evidence, paired, policy, seed, samples.of(evidence) if attackable else None)
    asked = (*OF_EVERYTHING, *OF_SAMPLES) if attackable else OF_EVERYTHING
    return tuple(detector.answer(given) for detector in asked)


def after(evidence: Evidence, attacked: Attacked) -> tuple[Check, ...]:
    """What the gating attacks must show."""
    few = rehearsal.shortened(_rehearsal(attacked.artifact), seed=attacked.attackers.seed)
    tried = Tried(evidence, attacked, attacked.gating, few)
    return tuple(detector.answer(tried) for detector in OF_ATTACKS)
