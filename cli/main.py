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
    report,
    run,
    targets,
)
from sc_deploy.errors import ExitCode, ScDeployError

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
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    init, doctor, targets, inspect, compress, export, audit, report, run, demo
):  # fmt: skip
    app.command(name=module.__name__.rpartition(".")[2])(module.command)


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
        result = app(args=list(arguments), prog_name="scdeploy", standalone_mode=False)
    except ScDeployError as error:
        output.failure(error, as_json=as_json)
        return error.exit_code
    except TyperException as error:
        output.usage(error, as_json=as_json)
        return ExitCode.USAGE
    except (KeyboardInterrupt, typer.Abort):
        result = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 (the last resort: our own bug, told as such)
        crash.tell(error, arguments, as_json=as_json)
        return ExitCode.INTERNAL
    code = ExitCode(result or 0)
    if code is ExitCode.INTERRUPTED:
        output.note("interrupted; finished stages are kept")
    return code


def main() -> NoReturn:
    """The `scdeploy` command."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(invoke(sys.argv[1:]))


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
