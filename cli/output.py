"""How the command line speaks: JSON on standard output, all else on standard error."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from typer.exceptions import TyperException

    from sc_deploy.digest import Json
    from sc_deploy.errors import ScDeployError

SCHEMA_VERSION = 1


def console() -> Console:
    """Standard error with colour only where a person sees it (NO_COLOR and CI honoured)."""
    from rich.console import Console

    plain = not sys.stderr.isatty() or "NO_COLOR" in os.environ or "CI" in os.environ
    width = None if sys.stderr.isatty() else 120
    return Console(
        stderr=True, no_color=plain, force_terminal=False if plain else None, width=width
    )


def emit(document: dict[str, Json]) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps({"schema_version": SCHEMA_VERSION} | document, indent=2) + "\n")


def note(line: str) -> None:
    sys.stderr.write(line + "\n")


def failure(error: ScDeployError, *, as_json: bool) -> None:
    """Tell a refusal: what, every problem, the remedy."""
    if as_json:
        emit({"error": described(error), "exit_code": int(error.exit_code)})
    note(f"scdeploy: {error}")


def described(error: ScDeployError) -> dict[str, Json]:
    return {
        "kind": type(error).__name__,
        "what": error.what,
        "remedy": error.remedy,
        "problems": [
            {"where": p.where, "found": p.found, "remedy": p.remedy} for p in error.problems
        ],
    }


def usage(error: TyperException, *, as_json: bool) -> None:
    """Tell a wrong command line."""
    if as_json:
        what: dict[str, Json] = {"kind": "UsageError", "what": error.format_message()}
        emit({"error": what | {"remedy": "see --help", "problems": []}, "exit_code": 2})
    note(f"scdeploy: {error.format_message()}\n  remedy: see `scdeploy --help`")
