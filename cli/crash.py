"""What happens when the fault is ours: a log with the traceback, and where it lies."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sc_deploy.cli import output
from sc_deploy.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence


def tell(error: Exception, arguments: Sequence[str], *, as_json: bool) -> ExitCode:
    """Write the log, and say on both streams where it is."""
    log = _write(error, arguments)
    if as_json:
        output.emit(
            {
                "error": {
                    "kind": "InternalError",
                    "what": f"{type(error).__name__}: {error}",
                    "remedy": f"report it with {log}",
                    "problems": [],
                },
                "exit_code": int(ExitCode.INTERNAL),
            }
        )
    output.note(
        f"scdeploy: this is a bug of ours: {type(error).__name__}: {error}\n"
        f"  remedy: report it with the log {log}; nothing was decided"
    )
    return ExitCode.INTERNAL


def _write(error: Exception, arguments: Sequence[str]) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    text = "".join(
        [
            f"scdeploy {' '.join(arguments)}\npython {sys.version}\n\n",
            *traceback.format_exception(error),
        ]
    )
    for folder in (_state_home() / "scdeploy" / "logs", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            log = folder / f"crash-{stamp}-{os.getpid()}.log"
            log.write_text(text, encoding="utf-8")
        except OSError:
            continue
        return log
    return Path("(no folder was writable)")


def _state_home() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
