"""`scdeploy audit`: does safety hold after conversion?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sc_deploy.cli import options, output, verdicts
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.pipeline.audit import Audited
    from sc_deploy.pipeline.problem import Problem
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
    exposed: Annotated[
        int | None,
        typer.Option(
            "--exposed",
            min=1,
            metavar="N",
            help="List the N most exposed samples of each file, for the data's owner alone: "
            "RUN/private/<file>/<device>/exposed.csv, never in a report.",
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
        results = audit.audit(folder, loaded, target or (), where, progress)
    page = report.render(folder).page if any(r.report for r in results) else None
    if exposed is not None:
        _list_exposed(folder, loaded, results, device=where, count=exposed)
    verdicts.tell(results, page, as_json=as_json)
    return worst([result.exit_code for result in results])


def _list_exposed(
    folder: RunFolder, problem: Problem, results: Sequence[Audited], *, device: str, count: int
) -> None:
    from sc_deploy.pipeline import exposed

    for path in exposed.write(folder, problem, results, device, count=count):
        output.note(f"most exposed samples, for the owner of the data alone: {path}")


def _require_policy(folder: RunFolder, path: str) -> None:
    from pathlib import Path

    from sc_deploy import userfile
    from sc_deploy.pipeline import problem
    from sc_deploy.policy import Policy

    problem.require_policy(folder, userfile.load(Path(path), Policy))
