"""Which detectors examine the evidence before the attacks, and which the attacks themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.audit.evidence import Evidence
    from sc_deploy.audit.pairing import Paired
    from sc_deploy.audit.scores import Attackers, Exposed, Scores
    from sc_deploy.contracts import Attack, Check, Role
    from sc_deploy.policy import Policy


def before(evidence: Evidence, paired: Paired, policy: Policy, *, seed: int) -> tuple[Check, ...]:
    """What needs no attack; some of it decides whether there will be one."""
    artifact = paired.artifact
    found = (
        complete.complete(paired),
        finite.finite(artifact),
        labels.labels(artifact),
        origin.origin(self_supplied=evidence.self_supplied),
        batch.batch(evidence.batch_sizes, evidence.unsteady),
        apart.apart(artifact, evidence.quantization, evidence.may_share),
        enough.enough(artifact, policy.min_audit_samples, evidence.units),
        members.members(
            brought_weights=evidence.brought_weights, declared=evidence.declared_members
        ),
        reuse.reuse(evidence.looks, policy.most_looks),
    )
    if not can_be_attacked(artifact):
        return found
    sides = samples.of(evidence)
    return (
        *found,
        saturated.saturated(artifact),
        balance.balance(artifact, evidence.units, seed=seed),
        preparation.preparation(sides, evidence.preprocessing, policy, seed=seed),
        twins.twins(sides, policy, seed=seed),
        blind.blind(sides, policy, seed=seed),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Attacked:
    """The artifact under the attacks of a policy, and the scores of every subject by name."""

    artifact: Exposed
    scores: Mapping[str, Sequence[Scores]]
    policy: Policy
    attackers: Attackers


def after(evidence: Evidence, attacked: Attacked) -> tuple[Check, ...]:
    """What the attacks themselves must show before their figures count.

    Only those that gate are examined: a figure that is merely shown claims nothing.
    """
    artifact, seed = attacked.artifact, attacked.attackers.seed
    attacks = _gating(attacked)
    judged = {
        name: [one for one in attacked.scores[name] if one.attack in attacked.policy.attacks]
        for name in (ARTIFACT, SOURCE)
        if name in attacked.scores
    }
    few = rehearsal.shortened(_rehearsal(artifact), seed=seed)
    by_answers = [attack for attack in attacks if not attack.needs]
    return (
        repeatable.repeatable(
            evidence.repeats, [attacked.attackers.fit(a.name, artifact) for a in by_answers]
        ),
        orientation.orientation(judged),
        strength.strength(artifact.answers, judged[ARTIFACT]),
        overfitted.overfitted([_exam(attack, attacked) for attack in attacks]),
        null_run.null_run(few, attacks, seed=seed),
        control.control(few, attacks, seed=seed),
    )


def _gating(attacked: Attacked) -> list[Attack]:
    return [by_name(name) for name in attacked.policy.attacks if not attacked.artifact.lacks(name)]


def _rehearsal(model: Exposed) -> Rehearsal:
    calibration, audit = (_sides(model, roles) for roles in (CALIBRATION, AUDIT))
    return Rehearsal(calibration, audit)


def _sides(model: Exposed, roles: Sequence[Role]) -> tuple[Side, Side]:
    inside, outside = (model.answers[role] for role in roles)
    known = model.beside(roles)
    return Side(inside, known[0]), Side(outside, known[1])


def _exam(attack: Attack, attacked: Attacked) -> overfitted.Exam:
    learned = _rehearsal(attacked.artifact).calibration
    fitted = attacked.attackers.fit(attack.name, attacked.artifact)
    found = next(one for one in attacked.scores[ARTIFACT] if one.attack == attack.name)
    return overfitted.Exam(
        attack.name,
        fitted.evaluate(rehearsal.asked(*learned)),
        (found.members, found.non_members),
    )
