"""`scdeploy self-test`: does the tool find what is planted, on this machine?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sc_deploy.cli import options, output
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.digest import Json
    from sc_deploy.pipeline.self_test.specimen import Trial


def command(
    *,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of everything drawn here.")] = 0,
    as_json: options.AsJson = False,
) -> ExitCode:
    """Audit models whose leakage was planted; 0 if all is found as planted, 70 if not."""
    from sc_deploy.pipeline.self_test import conduct

    with TerminalProgress() as progress:
        trials = conduct.self_test(progress, seed=seed)
    held = conduct.holds(trials)
    if as_json:
        _emit(trials, seed, held=held)
    _table(trials)
    if held:
        seconds = sum(trial.seconds for trial in trials)
        output.note(f"self-test passed in {seconds:.0f} s: what was planted was found")
        return ExitCode.OK
    output.note(
        "scdeploy: the self-test failed: do not believe verdicts of this installation\n"
        "  remedy: install the tested versions of numpy, scipy and scikit-learn (see `scdeploy "
        "doctor`), run it with another --seed, and report what is wrong"
    )
    return ExitCode.INTERNAL


def _emit(trials: Sequence[Trial], seed: int, *, held: bool) -> None:
    described: list[Json] = [
        {
            "name": trial.name,
            "planted": trial.planted,
            "expected": trial.expected,
            "found": trial.found,
            "holds": trial.holds,
            "seconds": round(trial.seconds, 3),
        }
        for trial in trials
    ]
    code = ExitCode.OK if held else ExitCode.INTERNAL
    output.emit({"seed": seed, "holds": held, "exit_code": int(code), "trials": described})


def _table(trials: Sequence[Trial]) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("planted", "expected", "came out", "s", ""):
        shown.add_column(heading, overflow="fold", justify="right" if heading == "s" else "left")
    marks = {True: "[green]ok[/]", False: "[red]WRONG[/]", None: "skipped"}
    for trial in trials:
        cells = (trial.planted, trial.expected, trial.found, f"{trial.seconds:.1f}")
        shown.add_row(*map(escape, cells), marks[trial.holds])
    output.console().print(shown)
