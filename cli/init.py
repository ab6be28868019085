"""`scdeploy init`: a recipe and a policy to start from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sc_deploy.cli import options, output


class Size(StrEnum):
    SMALL = "small"
    MEDIUM = "medium"


def command(
    *,
    output_folder: options.Output = Path(),
    task: Annotated[
        str, typer.Option("--task", help="Where samples come from: see docs/data.md.")
    ] = "digits",
    path: Annotated[
        Path | None, typer.Option("--path", help="Folder or file of the data; tables need it.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", help="Of a table: its column of classes.")
    ] = None,
    size: Annotated[
        Size, typer.Option("--policy", help="Limits for 5,000 or for 50,000 members.")
    ] = Size.SMALL,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Write recipe.yaml and policy.yaml with their settings explained and a fresh secret key.

    Of a table, the first rows say which column is what: look it over.
    """
    from sc_deploy.pipeline import start

    wish = start.Wish(task, path, label)
    written = start.write(output_folder, wish, size=size.value, overwrite=overwrite)
    if as_json:
        output.emit(
            {
                "written": [str(path) for path in written.files],
                "left_out": list(written.left_out),
            }
        )
    for file in written.files:
        output.note(f"wrote {file}")
    if written.left_out:
        output.note(f"columns without a purpose so far: {', '.join(written.left_out)}")
    output.note("recipe.yaml holds the key of the roles: keep it as secret as the data")
