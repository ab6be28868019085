"""The audit: everything that is measured on an artifact and its source, before any verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit import examination, tier
from sc_deploy.audit.estimates import answer
from sc_deploy.audit.evidence import ARTIFACT, AUDIT, DENSE, PUBLIC, SOURCE
from sc_deploy.audit.examination import Attacked
from sc_deploy.audit.findings import accuracy, attributes, canaries, parity, slices, traces
from sc_deploy.audit.findings.leakage import View, subject
from sc_deploy.audit.findings.published import published
from sc_deploy.audit.pairing import Paired, are_finite, can_be_attacked, pair
from sc_deploy.audit.questions import asked, rates_asked, two_sided
from sc_deploy.audit.scores import Exposed, compared, score
from sc_deploy.audit.topic import RELATIVE
from sc_deploy.contracts import Audit, Change, Clustering, Excess, Outcome, Role, Tier
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.audit.evidence import Evidence
    from sc_deploy.audit.questions import Question
    from sc_deploy.audit.scores import Attackers, Scores
    from sc_deploy.contracts import Check, Predictions, Rate, Slice, Subject
    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.estimate import Estimate
    from sc_deploy.progress import Progress

# Or a reader would subtract the two AUCs of the table and find another change.
ONE_ATTACKER = "both read by the exported file's attacker"


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """What is audited, against what, and by whom."""

    evidence: Evidence
    paired: Paired
    policy: Policy
    attackers: Attackers

    @property
    def confidence(self) -> float:
        return two_sided(self.policy)

    @property
    def attacks(self) -> tuple[str, ...]:
        """Every attack of the policy, those that are only shown last."""
        return (*self.policy.attacks, *self.policy.shown)

    @property
    def models(self) -> dict[str, Exposed]:
        """Every model that can be attacked, by subject."""
        given = {
            ARTIFACT: self.paired.artifact,
            SOURCE: self.paired.source,
            DENSE: self.paired.dense,
            PUBLIC: self.evidence.public,
        }
        return {
            name: Exposed(answers, self.evidence.known.get(name, {}), self.evidence.lacking)
            for name, answers in given.items()
            if answers is not None and can_be_attacked(answers) and are_finite(answers)
        }


def audit(evidence: Evidence, policy: Policy, attackers: Attackers, *, progress: Progress) -> Audit:
    """Measure what the policy asks; each bound of an interval has the policy's confidence.

    Where the evidence allows no leakage figure there is none: `subjects` is empty, and
    `validity` says why. Raises IntegrityError where the two sides know different samples.
    """
    case = _Case(evidence, pair(evidence), policy, attackers)
    checks = _before(case)
    measurable = {topic.name for topic in examination.MUST_HOLD}
    stopped = any(c.name in measurable and c.outcome is not Outcome.PASS for c in checks)
    if stopped or ARTIFACT not in case.models:
        return _unmeasured(evidence, checks)
    agreement = _agreement(case)
    planted = canaries.measure(evidence.planted, case.paired, policy)
    guessed = attributes.infer(case.models)
    scores = _attack(case, progress)
    answers = _answers(case, scores)
    sliced, beyond = _slices(case, scores)
    return Audit(
        subjects=_subjects(case, scores),
        changes=_changes(case, answers),
        accuracy_change=_accuracy_change(case, case.paired.source, case.paired.artifact),
        parity_error=None if agreement is None else agreement.error,
        agreement=None if agreement is None else agreement.top_1,
        tier=tier.of(evidence.references, _used(case), canaries=tier.by_canaries(planted, policy)),
        validity=(*checks, *_parity(case, agreement), *_after(case, scores)),
        audit_looks=evidence.looks,
        compression_change=_accuracy_change(case, case.paired.dense, case.paired.source),
        excesses=(
            *_excesses(answers),
            *beyond,
            *canaries.excesses(evidence.planted, case.paired, policy),
            *attributes.excesses(guessed, policy),
        ),
        absent=_absent(case),
        clustering=_clustering(case),
        slices=sliced,
        references=evidence.references,
        canaries=planted,
        attributes=attributes.measure(guessed, policy),
        traces=traces.leakage(evidence.exposed, case.models[ARTIFACT], policy),
        published=published(case.models, case.attacks, attackers, confidence=case.confidence),
    )


def _unmeasured(evidence: Evidence, checks: tuple[Check, ...]) -> Audit:
    return Audit(
        subjects=(),
        changes=(),
        accuracy_change=None,
        parity_error=None,
        agreement=None,
        tier=Tier.T0,
        validity=checks,
        audit_looks=evidence.looks,
        references=evidence.references,
    )


def _before(case: _Case) -> tuple[Check, ...]:
    """What can be checked without an attack, and where answers are not comparable."""
    evidence = case.evidence
    found = examination.before(evidence, case.paired, case.policy, seed=case.attackers.seed)
    return (
        *found,
        parity.weights(
            evidence.tensors_found,
            evidence.tensors_expected,
            rounded=evidence.rounded or evidence.quantization is not None,
            required=_has_source(case) or evidence.tensors_expected is not None,
        ),
    )


def _has_source(case: _Case) -> bool:
    """Whether the policy takes the model to have a source, or somebody gave one."""
    return case.policy.relative != "none" or case.evidence.source is not None


def _agreement(case: _Case) -> parity.Agreement | None:
    if case.paired.source is None:
        return None
    return parity.compare(
        case.paired.artifact,
        case.paired.source,
        confidence=case.confidence,
        units=case.evidence.units,
    )


def _parity(case: _Case, found: parity.Agreement | None) -> tuple[Check, ...]:
    source = case.paired.source
    if source is not None and found is None:
        ours, theirs = (side[Role.TEST].logits.shape[1] for side in (case.paired.artifact, source))
        return parity.other_classes(ours, theirs)
    tolerance, required = case.evidence.tolerance, _has_source(case)
    return (
        parity.logits(found, tolerance, required=required),
        parity.top_1(found, tolerance, required=required),
    )


def _after(case: _Case, scores: Mapping[str, Sequence[Scores]]) -> tuple[Check, ...]:
    attacked = Attacked(case.models[ARTIFACT], scores, case.policy, case.attackers)
    test, units = case.paired.artifact[Role.TEST], case.evidence.units
    return (
        accuracy.informed(test, confidence=case.confidence, unit=units.get(Role.TEST)),
        *examination.after(case.evidence, attacked),
    )


def _attack(case: _Case, progress: Progress) -> dict[str, list[Scores]]:
    """Every attack that can be run on every model, each fitted on that model's own calibration.

    An attack that lacks what it needs is left out here, and its checks say so.
    """
    models, attacks = case.models, case.attacks
    progress.start("attack", len(models) * len(attacks))
    scores: dict[str, list[Scores]] = {name: [] for name in models}
    for name, model in models.items():
        quantization = None if name == DENSE else case.evidence.quantization
        for attack in attacks:
            if not model.lacks(attack):
                scores[name].append(score(attack, model, case.attackers, quantization=quantization))
            progress.advance(note=f"{attack} attack on {name}")
    return scores


def _answers(case: _Case, scores: Mapping[str, Sequence[Scores]]) -> dict[Question, Estimate | str]:
    alone = {found.attack: (found, None) for found in scores[ARTIFACT]}
    beside = _compared(case)
    found: dict[Question, Estimate | str] = {}
    for question in asked(case.policy, quantized=case.evidence.quantization is not None):
        if lacking := _lacking(case, question):
            found[question] = lacking
            continue
        first, second = alone[question.attack]
        if question.kind == RELATIVE:
            first, second = beside.get(question.attack, (first, second))
        found[question] = answer(
            question, first, second, confidence=case.confidence, seed=case.attackers.seed
        )
    return found


def _absent(case: _Case) -> tuple[tuple[str, str], ...]:
    lacking = ((attack, case.models[ARTIFACT].lacks(attack)) for attack in case.attacks)
    return tuple((attack, why) for attack, why in lacking if why)


def _used(case: _Case) -> tuple[str, ...]:
    """The gating attacks that were run on the artifact."""
    artifact = case.models[ARTIFACT]
    return tuple(attack for attack in case.policy.attacks if not artifact.lacks(attack))


def _lacking(case: _Case, question: Question) -> str:
    """Why the attack cannot answer, in words; empty if it can."""
    models = case.models
    if without := models[ARTIFACT].lacks(question.attack):
        return f"{without} on the exported file"
    if question.kind == RELATIVE and SOURCE in models:
        without = models[SOURCE].lacks(question.attack)
        return f"{without} on the source" if without else ""
    return ""


def _compared(case: _Case) -> dict[str, tuple[Scores, Scores]]:
    """Artifact and source by attack, where there is a source to compare with."""
    models, quantization = case.models, case.evidence.quantization
    if SOURCE not in models:
        return {}
    artifact, source = models[ARTIFACT], models[SOURCE]
    return {
        attack: compared(attack, artifact, source, case.attackers, quantization=quantization)
        for attack in map(str, case.policy.attacks)
        if not (artifact.lacks(attack) or source.lacks(attack))
    }


def _changes(case: _Case, answers: Mapping[Question, Estimate | str]) -> tuple[Change, ...]:
    return tuple(
        Change(question.attack, question.metric, None, found)
        if isinstance(found, str)
        else Change(
            question.attack,
            question.metric,
            found.rate(case.confidence),
            ONE_ATTACKER if by_name(question.attack).chance else "",
        )
        for question, found in answers.items()
        if question.kind == RELATIVE
    )


def _excesses(answers: Mapping[Question, Estimate | str]) -> tuple[Excess, ...]:
    return tuple(
        Excess(question.name, question.limit, found.p_above(question.limit))
        for question, found in answers.items()
        if question.limit is not None and not isinstance(found, str)
    )


def _slices(
    case: _Case, scores: Mapping[str, Sequence[Scores]]
) -> tuple[tuple[Slice, ...], tuple[Excess, ...]]:
    gating = [found for found in scores[ARTIFACT] if found.attack in case.policy.attacks]
    classes = case.evidence.classes
    told, beyond = slices.slices(case.models[ARTIFACT], gating, case.policy, classes)
    return told, () if beyond is None else (beyond,)


def _subjects(case: _Case, scores: Mapping[str, Sequence[Scores]]) -> tuple[Subject, ...]:
    evidence = case.evidence
    view = View(case.confidence, rates_asked(case.policy), evidence.clean, evidence.units)
    models = case.models
    return tuple(subject(name, models[name].answers, found, view) for name, found in scores.items())


def _accuracy_change(
    case: _Case,
    before: Mapping[Role, Predictions] | None,
    after: Mapping[Role, Predictions] | None,
) -> Rate | None:
    if before is None or after is None or Role.TEST not in before or Role.TEST not in after:
        return None
    unit = case.evidence.units.get(Role.TEST)
    return accuracy.change(
        before[Role.TEST], after[Role.TEST], confidence=case.confidence, unit=unit
    )


def _clustering(case: _Case) -> Clustering | None:
    """How many units the samples of each role that is measured come from."""
    units = case.evidence.units
    if not units:
        return None
    counts = (
        len(np.unique(units[role])) if role in units else len(case.paired.artifact[role].labels)
        for role in (*AUDIT, Role.TEST)
    )
    return Clustering(*counts)
