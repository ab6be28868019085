"""`scdeploy audit`: does safety hold, after conversion in a run, or in files that are brought?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sc_deploy.cli import options, output, plain_files, verdicts
from sc_deploy.cli.plain_files import PlainFiles
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.pipeline.audit import Audited
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.workspace import RunFolder

Device = Annotated[
    str | None, typer.Option("--device", help="Where the files run; the recipe's if absent.")
]
Policy = Annotated[
    str | None,
    typer.Option(
        "--policy",
        help="Of a run: check that it is locked to this policy. Of plain files: their policy.",
    ),
]
Previous = Annotated[
    Path | None,
    typer.Option(
        "--previous",
        metavar="RUN",
        help="Run or report folder of an earlier release that attackers have too.",
    ),
]
Exposed = Annotated[
    int | None,
    typer.Option(
        "--exposed",
        min=1,
        metavar="N",
        help="List the N most exposed samples of each file, for the data's owner alone: "
        "RUN/private/<file>/<device>/exposed.csv, never in a report.",
    ),
]


def command(
    run: options.OptionalRun = None,
    *,
    target: options.Targets = None,
    device: Device = None,
    policy: Policy = None,
    previous: Previous = None,
    exposed: Exposed = None,
    trust_code: options.TrustCode = None,
    artifact: plain_files.Artifact = None,
    logits: plain_files.Logits = False,
    members: plain_files.Members = None,
    non_members: plain_files.NonMembers = None,
    calibration: plain_files.Calibration = None,
    source: plain_files.Source = None,
    test: plain_files.Test = None,
    output: plain_files.Output = None,
    seed: plain_files.Seed = None,
    as_json: options.AsJson = False,
) -> ExitCode:
    """Run each exported file in its runtime, attack it, and hold it against the policy.

    Without RUN: audit --artifact, or predictions with --logits, made anywhere.
    """
    asked = PlainFiles(
        artifact=artifact,
        logits=logits,
        members=members,
        non_members=non_members,
        calibration=calibration,
        source=source,
        test=test,
        output=output,
        seed=seed,
    )
    if run is None:
        elsewhere = {
            "--target": target,
            "--trust-code": trust_code,
            "--previous": previous,
            "--exposed": exposed,
        }
        return plain_files.audit(asked, elsewhere, device, policy, as_json=as_json)
    plain_files.refuse_beside_a_run(asked)
    wanted = _Wanted(tuple(target or ()), device, policy, trust_code, previous, exposed)
    return _of_run(run, wanted, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked about a run."""

    targets: tuple[str, ...]
    device: str | None
    policy: str | None
    trust_code: str | None
    previous: Path | None
    exposed: int | None


def _of_run(run: Path, asked: _Wanted, *, as_json: bool) -> ExitCode:
    from sc_deploy.pipeline import audit, problem, report
    from sc_deploy.workspace import RunFolder

    folder = RunFolder.open(run)
    loaded = problem.reload(folder, trust_code=asked.trust_code)
    if asked.policy is not None:
        _require_policy(folder, asked.policy)
    where = asked.device or loaded.recipe.audit.device
    with TerminalProgress() as progress:
        results = audit.audit(
            folder, loaded, asked.targets, where, progress, previous=asked.previous
        )
    page = report.render(folder).page if any(r.report for r in results) else None
    if asked.exposed is not None:
        _list_exposed(folder, loaded, results, device=where, count=asked.exposed)
    verdicts.tell(results, page, as_json=as_json)
    return worst([result.exit_code for result in results])


def _list_exposed(
    folder: RunFolder, problem: Problem, results: Sequence[Audited], *, device: str, count: int
) -> None:
    from sc_deploy.pipeline import exposed

    for path in exposed.write(folder, problem, results, device, count=count):
        output.note(f"most exposed samples, for the owner of the data alone: {path}")


def _require_policy(folder: RunFolder, path: str) -> None:
    from sc_deploy import policy, userfile
    from sc_deploy.pipeline import problem

    problem.require_policy(folder, userfile.load(Path(path), policy.Policy))
