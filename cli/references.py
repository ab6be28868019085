"""`scdeploy references`: models of the same recipe on other samples, for attacks that need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sc_deploy.cli import options, output
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode, worst

if TYPE_CHECKING:
    from sc_deploy.digest import Json
    from sc_deploy.pipeline.references.train import Trained

app = typer.Typer(
    help="Reference models: the recipe on other samples, for attacks that need such models.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _group() -> None:
    """Keeps `train` a command of its own: typer folds a group of one into it otherwise."""


@app.command()
def train(
    run: options.RunArgument,
    *,
    count: Annotated[
        int, typer.Option("-n", "--count", help="Reference models in all; an even number.")
    ] = 4,
    processes: Annotated[
        int, typer.Option("--processes", help="Train so many at once, each on a GPU of its own.")
    ] = 1,
    trust_code: options.TrustCode = None,
    as_json: options.AsJson = False,
) -> ExitCode:
    """Train what is missing of them, and export all as the run's artifacts were exported.

    Given again, it goes on where it was ended.
    """
    from sc_deploy.pipeline import problem
    from sc_deploy.pipeline.references import train as references
    from sc_deploy.workspace import RunFolder

    folder = RunFolder.open(run)
    loaded = problem.reload(folder, trust_code=trust_code)
    order = references.Order(count, processes, trust_code)
    with TerminalProgress() as progress:
        found = references.train(folder, loaded, order, progress)
    _tell(found, as_json=as_json)
    return worst([ExitCode.OK, *(result.exit_code for result in found.exported)])


def _tell(found: Trained, *, as_json: bool) -> None:
    if as_json:
        output.emit(_described(found))
    for result in found.exported:
        if result.error is not None:
            output.note(f"{result.name}: {result.error}")
    files = sum(result.error is None for result in found.exported)
    output.note(f"{len(found.references)} reference models, {files} exported files of them")


def _described(found: Trained) -> dict[str, Json]:
    return {
        "references": [
            {
                "number": reference.number,
                "folder": str(reference.run.root),
                "roles_digest": reference.roles.digest,
                "members": int(reference.inside.sum()),
            }
            for reference in found.references
        ],
        "artifacts": [
            {
                "name": result.name,
                "exit_code": int(result.exit_code),
                "error": None if result.error is None else output.described(result.error),
            }
            for result in found.exported
        ],
    }
