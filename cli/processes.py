"""How one command line runs as several processes: the first speaks, the others help."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Final, TypeAlias

from sc_deploy.cli import output
from sc_deploy.errors import ExitCode, ScDeployError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sc_deploy.compress.processes.launch import Launch, Outcome

    Invoke: TypeAlias = Callable[[Sequence[str]], ExitCode]

SERVED: Final = ("compress", "run")


def several() -> bool:
    """Whether a launcher started this process beside others."""
    return int(os.environ.get("WORLD_SIZE") or "1") > 1


def helping() -> bool:
    """Whether this is any of several processes but the first."""
    return several() and int(os.environ.get("RANK") or "0") > 0


def together(arguments: Sequence[str], invoke: Invoke) -> ExitCode:
    """Run one command line, by `invoke`, beside other processes; the exit code of all of them.

    Only the first writes to its streams. What another says when it fails, the first says after
    it; where there is no first any more, that one itself.
    """
    from sc_deploy.compress.processes import launch

    as_json = "--json" in arguments
    try:
        _require_served(arguments)
        launched = launch.join()
    except ScDeployError as error:
        return error.exit_code if helping() else output.failure(error, as_json=as_json)
    try:
        part = _lead if launched.ranks.first else _help
        return part(launched, arguments, invoke)
    except KeyboardInterrupt:
        # While it waited for the others to end: its own part was done or told of.
        return ExitCode.INTERRUPTED


def _lead(launched: Launch, arguments: Sequence[str], invoke: Invoke) -> ExitCode:
    outcome = launched.end(invoke(arguments), "")
    if outcome.index:
        _tell(outcome)
    return ExitCode(outcome.code)


def _help(launched: Launch, arguments: Sequence[str], invoke: Invoke) -> ExitCode:
    heard = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(heard):
        code = invoke(arguments)
    outcome = launched.end(code, heard.getvalue())
    if outcome.index == launched.ranks.index and launched.unheard():
        _tell(outcome)
    return ExitCode(outcome.code)


def _require_served(arguments: Sequence[str]) -> None:
    if not (arguments and arguments[0] in SERVED):
        raise UsageError(
            f"`{' '.join(['scdeploy', *arguments[:1]])}` runs as one process, and a launcher "
            "started several",
            remedy=f"launch several for {' and '.join(SERVED)} alone",
        )


def _tell(outcome: Outcome) -> None:
    output.note(f"scdeploy: process {outcome.index + 1} failed with exit code {outcome.code}:")
    sys.stderr.write(outcome.said)
