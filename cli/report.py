"""`scdeploy report`: what was found, as one page."""

from __future__ import annotations

from sc_deploy.cli import options, output, verdicts
from sc_deploy.errors import ExitCode


def command(run: options.RunArgument, *, as_json: options.AsJson = False) -> ExitCode:
    """Render the reports of a run as one self-contained HTML page; the verdicts' exit code."""
    from sc_deploy import workspace
    from sc_deploy.pipeline import report
    from sc_deploy.workspace import RunFolder

    rendered = report.render(RunFolder.open(run))
    if as_json:
        output.emit_text(workspace.encode(rendered.summary))
    verdicts.table(rendered.summary.reports)
    for name in rendered.unaudited:
        output.note(f"{name}: not audited since it was exported; run `scdeploy audit {run}`")
    output.note(f"report: {rendered.page}")
    return rendered.exit_code
