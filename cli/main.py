"""The entry point: runs a command and turns every ending into its exit code."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import typer
from typer.exceptions import TyperException

from sc_deploy.cli import (
    audit,
    compress,
    crash,
    demo,
    doctor,
    export,
    init,
    inspect,
    output,
    plan,
    processes,
    references,
    report,
    run,
    self_test,
    study,
    targets,
)
from sc_deploy.errors import ExitCode, ScDeployError, of_system

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

EPILOG = (
    "Exit codes: 0 done and passed · 1 FAIL · 2 usage · 3 not available · 4 failed · "
    "5 inconclusive · 6 integrity · 70 our bug · 130 interrupted."
)

app = typer.Typer(
    name="scdeploy",
    help="Compress classifiers under simulated membership-inference attacks, export them, and "
    "audit the exported file itself before it ships.",
    epilog=EPILOG,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    init, doctor, targets, inspect, plan, compress, export, audit, report, run, study, demo,
    self_test
):  # fmt: skip
    app.command(name=module.__name__.rpartition(".")[2].replace("_", "-"))(module.command)
app.add_typer(references.app, name="references")


@app.callback(invoke_without_command=True)
def _root(
    *,
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        from importlib.metadata import version as installed

        sys.stdout.write(f"scdeploy {installed('scdeploy')}\n")
        raise typer.Exit


def invoke(arguments: Sequence[str]) -> ExitCode:
    """Run one command line; the exit code. Never raises but for SystemExit's kin."""
    as_json = "--json" in arguments
    try:
        return _run(arguments)
    except ScDeployError as error:
        return output.failure(error, as_json=as_json)
    except TyperException as error:
        return output.usage(error, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        return output.interrupted(as_json=as_json)
    except Exception as error:  # noqa: BLE001 (the last resort: our own bug, told as such)
        if isinstance(error, OSError) and (refusal := of_system(error)) is not None:
            return output.failure(refusal, as_json=as_json)
        return crash.tell(error, arguments, as_json=as_json)


def main() -> NoReturn:
    """The `scdeploy` command."""
    signal.signal(signal.SIGTERM, _terminate)
    arguments = sys.argv[1:]
    if "--json" in arguments and not processes.helping():
        output.reserve_stdout()
    sys.exit(processes.together(arguments, invoke) if processes.several() else invoke(arguments))


def _run(arguments: Sequence[str]) -> ExitCode:
    """What the command returns; typer turns an interrupt into the number 130."""
    if not arguments:
        # A missing command is a usage error, and typer's way to say so differs by version.
        app(args=["--help"], prog_name="scdeploy", standalone_mode=False)
        return ExitCode.USAGE
    result = app(args=list(arguments), prog_name="scdeploy", standalone_mode=False)
    code = ExitCode(result) if isinstance(result, int) else ExitCode.OK
    if code is ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return code


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
