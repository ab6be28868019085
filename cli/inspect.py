"""`scdeploy inspect`: what is in a run or in a model file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sc_deploy.cli import options, output

if TYPE_CHECKING:
    from sc_deploy.contracts import ModelSummary
    from sc_deploy.digest import Json


def command(
    path: Annotated[Path, typer.Argument(metavar="RUN|MODEL", help="Run folder or model file.")],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Show parameters, bytes, and density by layer: kept by its mask, or else not zero."""
    from sc_deploy.pipeline import inspection

    summaries = inspection.inspect(path)
    if as_json:
        output.emit({"models": [_described(summary) for summary in summaries]})
        return
    for summary in summaries:
        _table(summary)


def _described(summary: ModelSummary) -> Json:
    return {
        "name": summary.name,
        "network": summary.network,
        "sha256": summary.digest,
        "parameters": summary.parameters,
        "bytes": summary.bytes,
        "density": summary.density,
        "tensors": [
            {
                "name": t.name,
                "shape": list(t.shape),
                "kept": t.alive,
                "nonzero": t.nonzero,
                "size": t.size,
            }
            for t in summary.tensors
        ],
    }


def _table(summary: ModelSummary) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    title = (
        f"{summary.name} ({summary.network}): {summary.parameters:,} parameters, "
        f"{summary.bytes:,} bytes, density {summary.density:.4f}"
    )
    shown = Table(title=escape(title), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    shown.add_column("tensor", overflow="fold")
    for heading in ("shape", "kept", "non-zero", "of", "density"):
        shown.add_column(heading, justify="right")
    for t in summary.tensors:
        shape = "x".join(str(axis) for axis in t.shape)
        counts = (f"{count:,}" for count in (t.alive, t.nonzero, t.size))
        shown.add_row(escape(t.name), shape, *counts, f"{t.density:.4f}")
    output.console().print(shown)
