"""Options that several commands share, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from typer.models import OptionInfo

RunArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="RUN", help="Run folder that `scdeploy compress` wrote.")
]
Config: TypeAlias = Annotated[
    Path, typer.Option("-c", "--config", help="Recipe (YAML); `scdeploy init` writes one.")
]


def _writable(folder: Path | None) -> Path | None:
    """Refuse a folder that cannot be written to before anything is computed for it."""
    from sc_deploy import workspace

    if folder is not None:
        workspace.require_writable(folder)
    return folder


def output_option(told: str, panel: str | None = None) -> OptionInfo:
    """The option -o, with whatever help; each command's folder is examined in the same way."""
    found: OptionInfo = typer.Option(
        "-o", "--output", help=told, rich_help_panel=panel, callback=_writable
    )
    return found


Output: TypeAlias = Annotated[Path, output_option("Folder to write to.")]
Settings: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe setting; repeatable."),
]
Seed: TypeAlias = Annotated[int | None, typer.Option("--seed", help="Shorthand for --set seed=…")]
Targets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="TARGET", help="Place of deployment; repeatable."),
]
Formats: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--format", metavar="FORMAT", help="File format instead of the target's default."),
]
Precisions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--precision", metavar="PRECISION", help="fp32 or int8; repeatable."),
]
TrustCode: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--trust-code",
        metavar="FILE:FUNCTION",
        help="Run your own task code; its sha256 is locked to the run.",
    ),
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output.")
]
Resume: TypeAlias = Annotated[
    bool, typer.Option("--resume", help="Go on from the last finished round.")
]
Overwrite: TypeAlias = Annotated[
    bool, typer.Option("--overwrite", help="Start again; only the ledger of audits is kept.")
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Check everything, say what would be done, and stop.")
]


OptionalRun: TypeAlias = Annotated[
    Path | None,
    typer.Argument(metavar="[RUN]", help="Run folder; leave it away to audit plain files."),
]


def overrides(settings: list[str] | None, seed: int | None) -> list[str]:
    """All `key=value` overrides of the command line."""
    return [*(settings or []), *([] if seed is None else [f"seed={seed}"])]
