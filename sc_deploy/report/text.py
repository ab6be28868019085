"""Plain-English lines about a report, the same on the terminal and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.errors import ExitCode
from sc_deploy.report import document, numbers, subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sc_deploy.contracts import Report, Slice, Summary

COLUMNS: Final = ("file", "size", "accuracy", "largest AUC", "verdict", "reason")


def table(summary: Summary) -> list[tuple[str, ...]]:
    """One row a report, under `COLUMNS`; what was not measured is a dash."""
    return rows(summary.reports)


def rows(reports: Sequence[Report]) -> list[tuple[str, ...]]:
    """One row each; files of several runs may have one and the same name, so their run is told."""
    return [(_name(reports, report), *row(report)[1:]) for report in reports]


def row(report: Report) -> tuple[str, ...]:
    """The cells of one report, in the order of `COLUMNS`."""
    subject = subjects.artifact(report)
    strongest = subjects.strongest(subject)
    return (
        title(report),
        numbers.size_of(report.artifact.bytes),
        numbers.percent(subject.accuracy.value) if subject else numbers.ABSENT,
        f"{numbers.plain(strongest.auc.value)} {numbers.interval(strongest.auc)}"
        if strongest
        else numbers.ABSENT,
        str(report.verdict.outcome),
        report.verdict.reason,
    )


def title(report: Report) -> str:
    """The artifact's name, with the device where that is not this host."""
    device = report.runtime.device if report.runtime else "local"
    return report.artifact.name if device == "local" else f"{report.artifact.name} on {device}"


def name(summary: Summary, report: Report) -> str:
    """The title, with the run before it where a summary joins several runs."""
    return _name(summary.reports, report)


def _name(reports: Sequence[Report], report: Report) -> str:
    runs = {other.run for other in reports}
    return title(report) if len(runs) == 1 else f"{report.run}/{title(report)}"


def headline(summary: Summary) -> str:
    """How many files the policy lets through; never that one is harmless."""
    total = len(summary.reports)
    if not total:
        return "Nothing was audited"
    passed = sum(document.exit_code(report) is ExitCode.OK for report in summary.reports)
    if passed == total:
        who = "The audited file" if total == 1 else f"All {total} files"
    elif passed == 0:
        who = "The audited file" if total == 1 else f"None of {total} files"
        return f"{who} may {'not ' if total == 1 else ''}ship under this policy"
    else:
        who = f"{passed} of {total} files"
    return f"{who} may ship under this policy"


def scope(report: Report) -> str:
    """What stands behind the figures: which attacks were tried, on how many samples."""
    subject = subjects.artifact(report)
    if subject is None or not subject.attacks:
        return "No attack was run on this file."
    n = numbers.size(max(attack.auc.n for attack in subject.attacks))
    gating = [a.attack for a in subject.attacks if subjects.gates(report, a.attack)]
    more = len(subject.attacks) - len(gating)
    names = (
        f"{listed(gating) or 'none that gates'}{f' (and {more} more, shown only)' if more else ''}"
    )
    drawn = f"on {n} audit samples{_clustered(report)}"
    return f"Attacks tried: {names}, {drawn}; evidence tier {report.verdict.tier}."


def _clustered(report: Report) -> str:
    found = report.audit.clustering if report.audit else None
    if found is None:
        return ""
    return f", intervals clustered by unit, {numbers.size(found.members + found.non_members)} units"


def sentence(phrase: str) -> str:
    """A reason with a capital letter and a full stop, however it was written."""
    closed = phrase if phrase.endswith((".", "!", "?")) or not phrase else f"{phrase}."
    return capital(closed)


def listed(names: Iterable[str]) -> str:
    """a, b and c"""
    words = tuple(names)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def named_once(slices: Sequence[Slice]) -> tuple[str, ...]:
    """Each class or group once, however many attacks looked at it: `class 7`."""
    return tuple(dict.fromkeys(f"{one.by} {one.name}" for one in slices))


def words(identifier: str) -> str:
    """An identifier as it is read: `non-member-audit` is "non-member audit"."""
    return identifier.replace("-", " ").replace("_", " ").replace("non member", "non-member")


def capital(phrase: str) -> str:
    """The first letter as a capital, all others as they are: TM-score stays TM-score."""
    return phrase[:1].upper() + phrase[1:]
