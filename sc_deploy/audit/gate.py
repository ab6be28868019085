"""The gate: whether an audited file may ship under a policy, with the reason of every check."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.audit import examination, remedies
from sc_deploy.audit.evidence import ARTIFACT, SOURCE
from sc_deploy.audit.findings import (
    accuracy,
    attributes,
    canaries,
    equivalence,
    parity,
    slice_check,
)
from sc_deploy.audit.findings.slices import NAME as SLICES
from sc_deploy.audit.questions import QUANTIZATION_AUC, about, asked, two_sided, unasked
from sc_deploy.audit.reason import figure, in_words
from sc_deploy.audit.resolution import REMEDY, unresolved
from sc_deploy.audit.topic import PARITY, RELATIVE, VALIDITY, Topic
from sc_deploy.contracts import Cause, Outcome, Tier, Verdict
from sc_deploy.privacy.statistics.decision import holm, samples_needed

if TYPE_CHECKING:
    from sc_deploy.audit.questions import Question
    from sc_deploy.contracts import AttackResult, Audit, Check, Excess, Rate
    from sc_deploy.policy import Policy

LOW_FPR = 0.01
PRECEDENCE = (Outcome.INVALID, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)
MUST_BE_CHECKED = (
    *examination.ALL,
    Topic(parity.WEIGHTS, PARITY),
    Topic(parity.LOGITS, PARITY),
    Topic(parity.TOP_1, PARITY),
    accuracy.INFORMED,
)


def judge(audit: Audit, policy: Policy) -> Verdict:
    """Hold an audit against a policy (ARCHITECTURE, the verdict).

    PASS only if every required check was measured and passed, each one-sided upper bound below
    its limit (intersection-union). FAIL if the file is broken, or if a lower bound, corrected by
    Holm over all gating leakage checks, lies above a limit.
    """
    above = _surely_above(audit, policy)
    checks = (
        *audit.validity,
        *_unchecked(audit),
        accuracy.conversion(audit.accuracy_change, policy),
        accuracy.compression(
            audit.compression_change, policy, has_source=audit.accuracy_change is not None
        ),
        *_leakage(audit, policy, above),
        *_unasked(policy),
        *canaries.checks(audit.canaries, policy, above),
        *attributes.checks(audit.attributes, policy, above),
        *slice_check.checks(audit, policy, above=SLICES in above),
        *equivalence.checks(audit, policy),
    )
    outcome = _overall(checks)
    return Verdict(outcome, in_words(outcome, checks, audit, policy), audit.tier, checks)


def not_runnable(*, reason: str, remedy: str) -> Verdict:
    """INVALID: the file does not load or run in a fresh process, so nothing can be measured."""
    check = Topic("it loads and runs in a fresh process", VALIDITY).invalid(reason, remedy)
    return Verdict(Outcome.INVALID, f"The file is broken: {reason}", Tier.T0, (check,))


def _overall(checks: tuple[Check, ...]) -> Outcome:
    """The first of INVALID, FAIL, INCONCLUSIVE, PASS among the required checks.

    Nothing required is INCONCLUSIVE: a policy that asks nothing has been satisfied by nothing.
    """
    found = {check.outcome for check in checks if check.required}
    return next((outcome for outcome in PRECEDENCE if outcome in found), Outcome.INCONCLUSIVE)


def _unchecked(audit: Audit) -> list[Check]:
    answered = {check.name for check in audit.validity}
    return [
        topic.undecided(
            Cause.EVIDENCE_MISSING,
            "not examined, because an earlier check did not hold",
            remedies.FIRST,
        )
        for topic in MUST_BE_CHECKED
        if topic.name not in answered
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    """What an audit holds on one question. `results` are those of the models it is about."""

    question: Question
    rate: Rate | None
    note: str
    results: tuple[AttackResult, ...]
    excess: Excess | None


def _questions(audit: Audit, policy: Policy) -> tuple[Question, ...]:
    quantized = any(change.metric == QUANTIZATION_AUC for change in audit.changes)
    return asked(policy, quantized=quantized)


def _surely_above(audit: Audit, policy: Policy) -> frozenset[str]:
    """The checks whose limit is exceeded, corrected by Holm over all that gate."""
    limits = {question.name: question.limit for question in _questions(audit, policy)}
    if audit.canaries is not None:
        limits |= canaries.limits(policy)
    limits |= slice_check.limits(policy)
    if audit.attributes:
        limits |= {attributes.NAME: policy.attribute}
    tested = {e.check: e.p for e in audit.excesses if limits.get(e.check) == e.limit}
    rejected = holm(list(tested.values()), alpha=1.0 - policy.confidence)
    return frozenset(name for name, fell in zip(tested, rejected, strict=True) if fell)


def _leakage(audit: Audit, policy: Policy, above: frozenset[str]) -> list[Check]:
    found = [_find(audit, question) for question in _questions(audit, policy)]
    return [
        _above(entry) if entry.question.name in above else _answer(entry, audit, policy)
        for entry in found
    ]


def _unasked(policy: Policy) -> list[Check]:
    """A limit that a policy sets and no attack of it can answer has not been kept."""
    return [
        topic.undecided(
            Cause.EVIDENCE_MISSING,
            "every attack of the policy sees labels alone, and has no low false-positive rate",
            "add the loss attack to the policy, or set these limits to null",
        )
        for topic in unasked(policy)
    ]


def _find(audit: Audit, question: Question) -> _Found:
    wanted = (ARTIFACT, SOURCE) if question.kind == RELATIVE else (ARTIFACT,)
    results = tuple(
        result
        for subject in audit.subjects
        if subject.name in wanted
        for result in subject.attacks
        if result.attack == question.attack
    )
    rate, note = _measured(audit, question, results)
    excess = next(
        (e for e in audit.excesses if e.check == question.name and e.limit == question.limit), None
    )
    return _Found(question, rate, note, results, excess)


def _measured(
    audit: Audit, question: Question, results: tuple[AttackResult, ...]
) -> tuple[Rate | None, str]:
    if question.kind == RELATIVE:
        for change in audit.changes:
            if (change.attack, change.metric) == (question.attack, question.metric):
                return change.rate, change.note
    elif results and question.fpr is None:
        return results[0].auc, ""
    elif results:
        for point in results[0].tpr:
            if point.fpr == question.fpr:
                return point.rate, point.note
    return None, dict(audit.absent).get(question.attack, "it was not measured")


def _above(found: _Found) -> Check:
    question, rate = found.question, found.rate
    return question.topic.failed(
        f"{figure(question, rate)} is above the limit {question.limit:g}, "
        "corrected for the number of checks",
        "compress again with stronger defences, or do not ship it",
        rate,
    )


def _answer(found: _Found, audit: Audit, policy: Policy) -> Check:
    """The check of a question whose limit is not surely exceeded."""
    question, rate, topic = found.question, found.rate, found.question.topic
    if rate is None:
        return _not_measured(found, audit)
    told = figure(question, rate)
    if question.limit is None:
        return topic.undecided(None, f"{told}; shown only, the policy sets no limit", "", rate)
    doubt = _doubt(found, audit, policy)
    if doubt is not None:
        cause, reason, remedy = doubt
        return topic.undecided(cause, f"{told}; {reason}", remedy, rate)
    if rate.high < question.limit:
        return topic.passed(f"{told}, below the limit {question.limit:g}", rate)
    return _too_wide(question, rate)


def _not_measured(found: _Found, audit: Audit) -> Check:
    """Too few samples where the figure exists for more of them; otherwise evidence is missing."""
    names = {subject.name for subject in audit.subjects}
    needs = {ARTIFACT, SOURCE} if found.question.kind == RELATIVE else {ARTIFACT}
    question = found.question
    if question.fpr is not None and needs <= names and found.results:
        return question.topic.undecided(Cause.TOO_FEW_SAMPLES, found.note, remedies.MORE_SAMPLES)
    remedy = remedies.not_measured(question.attack, needs, names)
    return question.topic.undecided(Cause.EVIDENCE_MISSING, found.note, remedy)


def _doubt(found: _Found, audit: Audit, policy: Policy) -> tuple[Cause, str, str] | None:
    """Why a bound below the limit would not be a PASS: cause, reason, remedy."""
    question, rate = found.question, found.rate
    tied = unresolved(found.results, question.fpr)
    if tied is not None:
        return Cause.UNRESOLVED, tied, REMEDY
    if rate is None or not all(map(math.isfinite, (rate.low, rate.value, rate.high))):
        return Cause.UNRESOLVED, "the figure is not a number", remedies.ANSWERS
    if found.excess is None or not math.isclose(rate.confidence, two_sided(policy)):
        return Cause.EVIDENCE_STALE, "it was measured for another policy", remedies.AGAIN
    if (
        question.fpr is not None
        and question.fpr <= LOW_FPR
        and _rank(audit.tier) < _rank(policy.low_fpr_tier)
    ):
        return (
            Cause.TIER_TOO_LOW,
            f"such rates need evidence of tier {policy.low_fpr_tier}, this is {audit.tier}",
            remedies.HIGHER_TIER,
        )
    return None


def _rank(tier: Tier) -> int:
    return list(Tier).index(tier)


def _too_wide(question: Question, rate: Rate) -> Check:
    limit = question.limit
    needed = None if limit is None else samples_needed(rate, limit)
    told = f"{figure(question, rate)}, not surely below the limit {limit:g}"
    if needed is None:
        return question.topic.undecided(
            Cause.BEYOND_MARGIN, told, "more data will not help; compress with defences", rate
        )
    each = about(math.ceil(needed / 2))
    return question.topic.undecided(
        Cause.TOO_FEW_SAMPLES, told, f"audit with about {each} members and {each} others", rate
    )
