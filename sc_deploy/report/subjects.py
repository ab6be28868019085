"""Which of an audit's subjects is which, and which attack on it was the strongest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Outcome
from sc_deploy.contracts.verdict import leakage_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import (
        AttackResult,
        Change,
        Check,
        OperatingPoint,
        Published,
        Report,
        Subject,
    )

ARTIFACT: Final = "artifact"
SOURCE: Final = "source"
DENSE: Final = "dense"
PUBLIC: Final = "public"
AUC: Final = "AUC"
PASS: Final = Outcome.PASS
WORST_FIRST: Final = (Outcome.INVALID, Outcome.FAIL, Outcome.INCONCLUSIVE, PASS)
FORMAL: Final = ("validity", "parity")


def named(report: Report, name: str) -> Subject | None:
    """The audited model of that name; None where it was not audited."""
    found = report.audit.subjects if report.audit else ()
    return next((subject for subject in found if subject.name == name), None)


def artifact(report: Report) -> Subject | None:
    return named(report, ARTIFACT)


def strongest(subject: Subject | None) -> AttackResult | None:
    """The attack with the largest AUC; the headline must never show a weaker one."""
    attacks = subject.attacks if subject else ()
    return max(attacks, key=lambda attack: attack.auc.value, default=None)


def attack(subject: Subject | None, name: str) -> AttackResult | None:
    attacks = subject.attacks if subject else ()
    return next((result for result in attacks if result.attack == name), None)


def point(result: AttackResult, fpr: float) -> OperatingPoint | None:
    return next((found for found in result.tpr if found.fpr == fpr), None)


def published(reports: Sequence[Report]) -> tuple[tuple[Report, Published], ...]:
    """Figures by the papers' own protocols, each with the report that it stands in."""
    return tuple(
        (report, found) for report in reports if report.audit for found in report.audit.published
    )


def rates(attacks: Sequence[AttackResult]) -> tuple[float, ...]:
    """Every false-positive rate that some attack was asked about, the largest first."""
    return tuple(sorted({found.fpr for result in attacks for found in result.tpr}, reverse=True))


def change(report: Report, attack: str, metric: str) -> Change | None:
    changes = report.audit.changes if report.audit else ()
    return next((c for c in changes if (c.attack, c.metric) == (attack, metric)), None)


def limit(report: Report, attack: str, metric: str, *, change: bool) -> float | None:
    """The limit that this figure, or its change, was held against; None where there was none."""
    name = leakage_check(attack, metric, change=change)
    return next((check.limit for check in report.verdict.checks if check.name == name), None)


def gates(report: Report, attack: str) -> bool:
    """Whether the verdict rests on this attack, or only shows it."""
    name = leakage_check(attack, AUC, change=False)
    return any(check.name == name for check in report.verdict.checks)


def gating_first(report: Report, subject: Subject | None) -> Subject | None:
    """The model with its attacks in the order they are read: those that gate come first."""
    if subject is None:
        return None
    ordered = sorted(subject.attacks, key=lambda found: not gates(report, found.attack))
    return replace(subject, attacks=tuple(ordered))


def line(report: Report, name: str) -> Check | None:
    """The check whose name begins so; None where the verdict has none."""
    return next((check for check in report.verdict.checks if check.name.startswith(name)), None)


def deciding(report: Report) -> tuple[Check, ...]:
    """What a reader must see: whatever a PASS lacks, worst first, then every limit that held."""
    required = [check for check in checks(report) if check.required]
    told = [check for check in required if not (check.outcome is PASS and check.kind in FORMAL)]
    return tuple(sorted(told, key=lambda check: WORST_FIRST.index(check.outcome)))


def held(report: Report) -> tuple[Check, ...]:
    """The preconditions that held: they must stand in a report, and need not be read."""
    return tuple(
        check
        for check in checks(report)
        if check.required and check.outcome is PASS and check.kind in FORMAL
    )


def shown_only(report: Report) -> tuple[Check, ...]:
    """The figures that no verdict rests on."""
    return tuple(check for check in checks(report) if not check.required)


def checks(report: Report) -> tuple[Check, ...]:
    """The validity checks, then those of the gate; one that stands in both is shown once."""
    validity = report.audit.validity if report.audit else ()
    names = {check.name for check in report.verdict.checks}
    return (*(check for check in validity if check.name not in names), *report.verdict.checks)
