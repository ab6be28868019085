"""Runs a program in a process group of its own, which never outlives the call."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.errors import InferenceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TAIL_LINES = 8
TAIL_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended; `tail` holds the last lines of its stderr."""

    code: int
    tail: tuple[str, ...]


def run(argv: Sequence[str], folder: Path, *, timeout: float) -> Finished:
    """Run in `folder`, with almost no environment, for at most `timeout` seconds.

    On timeout, Ctrl-C or any other exception the whole process group is killed first. Raises
    InferenceError on timeout.
    """
    log = folder / "stderr.log"
    with log.open("wb") as stream:
        child = subprocess.Popen(
            argv,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stream,
            start_new_session=True,
        )
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise InferenceError(
                f"the runtime did not finish within {timeout:.0f} s",
                remedy="give it fewer samples, or a machine with nothing else to do",
            ) from error
        finally:
            _kill_group(child)
    return Finished(code, _tail(log))


def _environment() -> dict[str, str]:
    """Only what starts a process: an audit must not depend on the caller's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        child.wait()


def _tail(log: Path) -> tuple[str, ...]:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = stream.read().decode(errors="replace").splitlines()
    return tuple(line for line in lines if line.strip())[-TAIL_LINES:]
