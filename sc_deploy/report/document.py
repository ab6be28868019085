"""`report.json` and `summary.json`: written, read back, and joined with one exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from sc_deploy import workspace
from sc_deploy.contracts import Outcome, Report, Summary
from sc_deploy.errors import ExitCode, IntegrityError, worst

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DocumentT = TypeVar("DocumentT", Report, Summary)

EXIT_CODES = {
    Outcome.PASS: ExitCode.OK,
    Outcome.FAIL: ExitCode.NEGATIVE_VERDICT,
    Outcome.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Outcome.INVALID: ExitCode.FAILED,
}


def exit_code(report: Report) -> ExitCode:
    """The code of one verdict. A PASS without an execution counts as INCONCLUSIVE."""
    if report.verdict.outcome is Outcome.PASS and report.runtime is None:
        return ExitCode.INCONCLUSIVE
    return EXIT_CODES[report.verdict.outcome]


def summarise(reports: Sequence[Report], run: str, created: str) -> Summary:
    """All reports of a run with the joint exit code; no report at all is INCONCLUSIVE."""
    return Summary(
        schema_version=workspace.SCHEMA_VERSION,
        run=run,
        created=created,
        exit_code=int(worst([exit_code(report) for report in reports])),
        reports=tuple(reports),
    )


def write_report(path: Path, report: Report) -> None:
    workspace.write_document(path, report)


def write_summary(path: Path, summary: Summary) -> None:
    workspace.write_document(path, summary)


def read_report(path: Path) -> Report:
    """Raises IntegrityError if the file is unreadable, changed, or of another version."""
    return _read(path, Report)


def read_summary(path: Path) -> Summary:
    """Raises IntegrityError if the file is unreadable, changed, or of another version.

    The exit code must be the one that the verdicts give: an edited summary is not believed.
    """
    summary = _read(path, Summary)
    for report in summary.reports:
        _require_version(path, report.schema_version)
    expected = summarise(summary.reports, summary.run, summary.created).exit_code
    if summary.exit_code != expected:
        raise IntegrityError(
            f"{path} says exit code {summary.exit_code}, its verdicts give {expected}",
            remedy="make it again with `scdeploy report`; find out who changed it",
        )
    return summary


def _read(path: Path, kind: type[DocumentT]) -> DocumentT:
    _require_version(path, _version(path))
    return workspace.read_document(path, kind)


def _version(path: Path) -> object:
    """`schema_version` as it stands in the file, read before anything else is believed."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IntegrityError(
            f"{path} is not a readable JSON document: {error}",
            remedy="restore the file, or make it again with the command that wrote it",
        ) from error
    return content.get("schema_version") if isinstance(content, dict) else None


def _require_version(path: Path, found: object) -> None:
    if found != workspace.SCHEMA_VERSION:
        raise IntegrityError(
            f"{path} has schema_version {found!r}, expected {workspace.SCHEMA_VERSION}",
            remedy="read it with the scdeploy version that wrote it, or audit again",
        )
