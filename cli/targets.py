"""`scdeploy targets`: the places of deployment and what each can be given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy import registry
from sc_deploy.cli import options, output

if TYPE_CHECKING:
    from sc_deploy.contracts import Format, Target
    from sc_deploy.digest import Json


def command(*, as_json: options.AsJson = False) -> None:
    """List targets, their formats (the default first), precisions, and the extra they need."""
    found = [registry.target(name) for name in registry.names(registry.Group.TARGETS)]
    if as_json:
        output.emit({"targets": [_described(target) for target in found]})
        return
    _table(found)


def _described(target: Target) -> Json:
    return {
        "name": target.name,
        "summary": target.summary,
        "formats": [
            {
                "name": fmt.name,
                "precisions": list(fmt.precisions),
                "extra": fmt.extra,
                "missing_to_export": list(fmt.missing_to_export()),
                "missing_to_run": list(fmt.missing_to_run()),
            }
            for fmt in target.formats
        ],
    }


def _table(found: list[Target]) -> None:
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("target", "format", "precisions", "here", "what it is"):
        shown.add_column(heading)
    for target in found:
        for number, fmt in enumerate(target.formats):
            name, summary = (target.name, target.summary) if number == 0 else ("", "")
            shown.add_row(name, fmt.name, ", ".join(fmt.precisions), _here(fmt), summary)
    output.console().print(shown)


def _here(fmt: Format) -> str:
    return f"needs scdeploy\\[{fmt.extra}]" if fmt.missing_to_export() else "yes"
