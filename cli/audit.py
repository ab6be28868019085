"""`scdeploy audit`: does safety hold after conversion?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sc_deploy.cli import options, verdicts
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode, worst

if TYPE_CHECKING:
    from sc_deploy.workspace import RunFolder


def command(
    run: options.RunArgument,
    *,
    target: options.Targets = None,
    device: Annotated[
        str | None, typer.Option("--device", help="Where the files run; the recipe's if absent.")
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option("--policy", help="Check that the run is locked to this policy file."),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            "--previous",
            metavar="RUN",
            help="Run or report folder of an earlier release that attackers have too.",
        ),
    ] = None,
    trust_code: options.TrustCode = None,
    as_json: options.AsJson = False,
) -> ExitCode:
    """Run each exported file in its runtime, attack it, and hold it against the policy."""
    from sc_deploy.pipeline import audit, problem, report
    from sc_deploy.workspace import RunFolder

    folder = RunFolder.open(run)
    loaded = problem.reload(folder, trust_code=trust_code)
    if policy is not None:
        _require_policy(folder, policy)
    where = device or loaded.recipe.audit.device
    with TerminalProgress() as progress:
        results = audit.audit(folder, loaded, target or (), where, progress, previous=previous)
    page = report.render(folder).page if any(r.report for r in results) else None
    verdicts.tell(results, page, as_json=as_json)
    return worst([result.exit_code for result in results])


def _require_policy(folder: RunFolder, path: str) -> None:
    from sc_deploy import userfile
    from sc_deploy.pipeline import problem
    from sc_deploy.policy import Policy

    problem.require_policy(folder, userfile.load(Path(path), Policy))
