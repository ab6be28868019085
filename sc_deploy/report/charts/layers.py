"""How much of each layer's weights was kept, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.report import numbers, svg
from sc_deploy.report.charts.scale import Linear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import TensorStat

WIDTH: Final = 460.0
ROW: Final = 20.0
LEFT: Final = 150.0
RIGHT: Final = 330.0
NAME: Final = 22


def layers(title: str, tensors: Sequence[TensorStat]) -> str:
    """One bar a tensor, full length for a density of 1, with the count of kept weights."""
    x = Linear(0.0, 1.0, LEFT, RIGHT)
    drawn: list[str] = []
    for row, tensor in enumerate(tensors):
        drawn += _bar(x, row * ROW, tensor)
    return svg.picture((WIDTH, max(1, len(tensors)) * ROW), title, drawn)


def _bar(x: Linear, y: float, tensor: TensorStat) -> list[str]:
    counted = f"{numbers.percent(tensor.density)} of {tensor.size:,}"
    return [
        svg.text((0, y + 14), _shortened(tensor.name), "label"),
        svg.box((LEFT, y + 5), (RIGHT - LEFT, 10), "track"),
        svg.box((LEFT, y + 5), (x(tensor.density) - LEFT, 10), "bar"),
        svg.text((WIDTH, y + 14), counted, "tick", "end"),
    ]


def _shortened(name: str) -> str:
    """The end of a long name tells layers apart; its beginning is often the same."""
    return name if len(name) <= NAME else f"…{name[1 - NAME :]}"
