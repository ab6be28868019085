"""How the command line speaks: JSON on standard output, all else on standard error."""

from __future__ import annotations

import json
import os
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO

from sc_deploy.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from typer.exceptions import TyperException

    from sc_deploy.digest import Json
    from sc_deploy.errors import ScDeployError

SCHEMA_VERSION = 1

_ANSWERS: ContextVar[TextIO | None] = ContextVar("answers", default=None)


def console() -> Console:
    """Standard error with colour only where a person sees it (NO_COLOR and CI honoured)."""
    from rich.console import Console

    class Patient(Console):
        """rich ends the process with 1 when nobody reads; here 1 means a negative verdict."""

        def on_broken_pipe(self) -> None:
            _abandon(sys.stderr)

    plain = not sys.stderr.isatty() or "NO_COLOR" in os.environ or "CI" in os.environ
    width = None if sys.stderr.isatty() else 120
    return Patient(
        stderr=True, no_color=plain, force_terminal=False if plain else None, width=width
    )


def reserve_stdout() -> None:
    """From here on, standard output gets our document alone.

    What the user's code, converters and native libraries print goes to standard error.
    """
    _ANSWERS.set(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


def emit(document: dict[str, Json]) -> None:
    """One JSON document on standard output."""
    emit_text(json.dumps({"schema_version": SCHEMA_VERSION} | document, indent=2))


def emit_text(document: str) -> None:
    """A document that is encoded already."""
    _write(_ANSWERS.get() or sys.stdout, document.rstrip("\n"))


def note(line: str) -> None:
    _write(sys.stderr, line)


def failure(error: ScDeployError, *, as_json: bool) -> ExitCode:
    """Tell a refusal: what, every problem, the remedy."""
    if as_json:
        emit({"error": described(error), "exit_code": int(error.exit_code)})
    note(f"scdeploy: {error}")
    return error.exit_code


def described(error: ScDeployError) -> dict[str, Json]:
    return {
        "kind": type(error).__name__,
        "what": error.what,
        "remedy": error.remedy,
        "problems": [
            {"where": p.where, "found": p.found, "remedy": p.remedy} for p in error.problems
        ],
    }


def usage(error: TyperException, *, as_json: bool) -> ExitCode:
    """Tell a wrong command line."""
    told = error.format_message()
    context = getattr(error, "ctx", None)
    command = "scdeploy" if context is None else context.command_path
    return failure(UsageError(told, remedy=f"see `{command} --help`"), as_json=as_json)


def interrupted(*, as_json: bool) -> ExitCode:
    """Tell that Ctrl-C or SIGTERM ended the command."""
    if as_json:
        what: dict[str, Json] = {
            "kind": "Interrupted",
            "what": "interrupted; finished stages are kept",
            "remedy": "run the same command again; `compress` and `run` go on with --resume",
            "problems": [],
        }
        emit({"error": what, "exit_code": int(ExitCode.INTERRUPTED)})
    note(
        "scdeploy: interrupted; finished stages are kept\n"
        "  remedy: run the same command again; `compress` and `run` go on with --resume"
    )
    return ExitCode.INTERRUPTED


def _write(stream: TextIO, line: str) -> None:
    try:
        stream.write(line + "\n")
        stream.flush()
    except BrokenPipeError:
        _abandon(stream)


def _abandon(stream: TextIO) -> None:
    """Nobody reads this stream any more; the work and its exit code are the same without."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
