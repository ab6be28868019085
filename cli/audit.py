"""`scdeploy audit`: does safety hold, after conversion in a run, or in files that are brought?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sc_deploy.cli import options, plain_files, verdicts
from sc_deploy.cli.plain_files import PlainFiles
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode, worst

if TYPE_CHECKING:
    from sc_deploy.workspace import RunFolder


def command(
    run: options.OptionalRun = None,
    *,
    target: options.Targets = None,
    device: Annotated[
        str | None, typer.Option("--device", help="Where the files run; the recipe's if absent.")
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            help="Of a run: check that it is locked to this policy. Of plain files: their policy.",
        ),
    ] = None,
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
        elsewhere = {"--target": target, "--trust-code": trust_code}
        return plain_files.audit(asked, elsewhere, device, policy, as_json=as_json)
    plain_files.refuse_beside_a_run(asked)
    return _of_run(run, target or [], (device, policy, trust_code), as_json=as_json)


def _of_run(
    run: Path,
    targets: list[str],
    settings: tuple[str | None, str | None, str | None],
    *,
    as_json: bool,
) -> ExitCode:
    from sc_deploy.pipeline import audit, problem, report
    from sc_deploy.workspace import RunFolder

    device, policy, trust_code = settings
    folder = RunFolder.open(run)
    loaded = problem.reload(folder, trust_code=trust_code)
    if policy is not None:
        _require_policy(folder, policy)
    where = device or loaded.recipe.audit.device
    with TerminalProgress() as progress:
        results = audit.audit(folder, loaded, targets, where, progress)
    page = report.render(folder).page if any(r.report for r in results) else None
    verdicts.tell(results, page, as_json=as_json)
    return worst([result.exit_code for result in results])


def _require_policy(folder: RunFolder, path: str) -> None:
    from sc_deploy import userfile
    from sc_deploy.pipeline import problem
    from sc_deploy.policy import Policy

    problem.require_policy(folder, userfile.load(Path(path), Policy))
