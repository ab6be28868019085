"""How verdicts are told: a table for people, a document for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.cli import output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sc_deploy.contracts import Report
    from sc_deploy.digest import Json
    from sc_deploy.pipeline.audit import Audited

COLOURS = {"PASS": "green", "FAIL": "red", "INCONCLUSIVE": "yellow", "INVALID": "magenta"}


def tell(results: Sequence[Audited], page: Path | None, *, as_json: bool) -> None:
    """Every verdict with its reason, every refusal with its remedy, the page's path last."""
    if as_json:
        described: list[Json] = [_described(result) for result in results]
        output.emit({"audits": described, "report": None if page is None else str(page)})
    table([result.report for result in results if result.report is not None])
    for result in results:
        if result.error is not None:
            output.note(f"{result.name}: {result.error}")
    if page is not None:
        output.note(f"report: {page}")


def table(reports: Sequence[Report], *, letters: str = "") -> None:
    """One row a file: size, accuracy, leakage, verdict and its reason.

    `letters` name the files in order, where the text around the table speaks of them so.
    """
    from rich import box
    from rich.table import Table

    from sc_deploy.report import text

    if not reports:
        return
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("file", "size", "accuracy", "AUC", "verdict", "why"):
        shown.add_column(heading, overflow="fold")
    rows = zip(reports, text.rows(reports), strict=True)
    for number, (report, (name, *cells, outcome, reason)) in enumerate(rows):
        letter = letters[number : number + 1]
        colour = COLOURS[report.verdict.outcome]
        shown.add_row(f"{letter} {name}".strip(), *cells, f"[bold {colour}]{outcome}[/]", reason)
    output.console().print(shown)


def _described(result: Audited) -> Json:
    verdict = None if result.report is None else result.report.verdict
    return {
        "artifact": result.name,
        "verdict": None if verdict is None else verdict.outcome.value,
        "tier": None if verdict is None else verdict.tier.value,
        "reason": None if verdict is None else verdict.reason,
        "exit_code": int(result.exit_code),
        "error": None if result.error is None else output.described(result.error),
    }
