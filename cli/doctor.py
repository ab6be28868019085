"""`scdeploy doctor`: what is installed here, and how to get the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.cli import options, output
from sc_deploy.errors import ExitCode

if TYPE_CHECKING:
    from sc_deploy.digest import Json
    from sc_deploy.pipeline.health import Finding


def command(*, as_json: options.AsJson = False) -> ExitCode:
    """Say what can be compressed, built and executed here; 3 if something is missing."""
    from sc_deploy.pipeline import health

    findings = health.examine()
    if as_json:
        described: list[Json] = [
            {"what": f.what, "ready": f.ready, "detail": f.detail, "remedy": f.remedy}
            for f in findings
        ]
        output.emit({"findings": described})
    else:
        _table(findings)
    return ExitCode.OK if all(f.ready for f in findings) else ExitCode.UNAVAILABLE


def _table(findings: tuple[Finding, ...]) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("what", "here", "detail", "to get it"):
        shown.add_column(heading, overflow="fold")
    for f in findings:
        mark = "[green]yes[/]" if f.ready else "[red]no[/]"
        shown.add_row(f.what, mark, escape(f.detail), escape(f.remedy))
    output.console().print(shown)
