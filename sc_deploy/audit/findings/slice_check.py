"""How classes and groups are held against the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.evidence import ARTIFACT
from sc_deploy.audit.findings.slices import LEAST, NAME
from sc_deploy.audit.remedies import AGAIN
from sc_deploy.audit.resolution import REMEDY, unresolved
from sc_deploy.audit.topic import ABSOLUTE, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from sc_deploy.contracts import AttackResult, Audit, Check, Excess, Slice
    from sc_deploy.policy import Policy


def excess(audit: Audit, policy: Policy) -> Excess | None:
    """What the audit holds against this policy's limit; None where it has none."""
    limit = policy.slices.auc
    return next((e for e in audit.excesses if (e.check, e.limit) == (NAME, limit)), None)


def limits(policy: Policy) -> dict[str, float | None]:
    """The limit by the name of its check."""
    return {NAME: policy.slices.auc}


def checks(audit: Audit, policy: Policy, *, above: bool) -> tuple[Check, ...]:
    """No check without a limit. `above`: whether some slice is surely above it, by Holm.

    A slice above the limit is a FAIL whatever the policy requires; that all are below it is
    asked only of who wants it (`required`), because small slices cannot show it.
    """
    limit = policy.slices.auc
    if limit is None:
        return ()
    measured = [found for found in audit.slices if found.auc is not None]
    if above:
        return (_failed(measured, limit),)
    if policy.slices.required:
        return (_required(audit, policy, measured),)
    told = f"no class or group is surely above the limit {limit:g}; a PASS does not rest on it"
    return (Topic(NAME, ABSOLUTE, limit, required=False).undecided(None, told, ""),)


def _failed(measured: list[Slice], limit: float) -> Check:
    # Of slices equally large, the highest lower bound is that of the smallest p-value.
    worst = max(measured, key=lambda found: found.auc.low if found.auc else 0.0)
    return Topic(NAME, ABSOLUTE, limit).failed(
        f"{_named(worst)} is above the limit {limit:g}, corrected for the number of slices",
        "compress again with stronger defences, or find out what is special about these samples",
        worst.auc,
    )


def _required(audit: Audit, policy: Policy, measured: list[Slice]) -> Check:
    topic = Topic(NAME, ABSOLUTE, policy.slices.auc)
    if small := sorted({f"{f.by} {f.name}" for f in audit.slices if f.auc is None}):
        return topic.undecided(
            Cause.TOO_FEW_SAMPLES,
            f"fewer than {LEAST} members or non-members in {', '.join(small)}",
            f"audit at least {LEAST} of each side in every class and group",
        )
    if not measured or excess(audit, policy) is None:
        return topic.undecided(Cause.EVIDENCE_STALE, "it was not measured for this policy", AGAIN)
    if tied := unresolved(_judged(audit, policy), None):
        return topic.undecided(Cause.UNRESOLVED, tied, REMEDY)
    return _held(topic, max(measured, key=lambda found: found.upper or 1.0))


def _judged(audit: Audit, policy: Policy) -> list[AttackResult]:
    artifact = (subject for subject in audit.subjects if subject.name == ARTIFACT)
    return [found for s in artifact for found in s.attacks if found.attack in policy.attacks]


def _held(topic: Topic, worst: Slice) -> Check:
    """Every bound must lie below the limit, so the highest speaks for all (intersection-union)."""
    assert worst.auc is not None
    assert worst.upper is not None
    assert topic.limit is not None
    told = f"{_named(worst)}, one-sided upper bound {worst.upper:.4f}"
    if worst.upper < topic.limit:
        return topic.passed(f"{told}, below the limit {topic.limit:g}", worst.auc)
    told = f"{told}, not surely below the limit {topic.limit:g}"
    if worst.auc.value >= topic.limit:
        return topic.undecided(
            Cause.BEYOND_MARGIN, told, "more data will not help; compress with defences", worst.auc
        )
    return topic.undecided(
        Cause.TOO_FEW_SAMPLES, told, f"audit more samples of this {worst.by}", worst.auc
    )


def _named(found: Slice) -> str:
    assert found.auc is not None
    figure = f"{found.auc.value:.4f} [{found.auc.low:.4f}, {found.auc.high:.4f}]"
    return f"AUC of the {found.attack} attack in {found.by} {found.name} {figure}"
