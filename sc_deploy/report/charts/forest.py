"""The forest plot: each measured rate as a dot with its interval, against chance and limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.report import numbers, svg
from sc_deploy.report.charts.scale import Linear, around, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Rate

WIDTH: Final = 460.0
ROW: Final = 21.0
TOP: Final = 30.0
FOOT: Final = 34.0
LEFT: Final = 150.0
RIGHT: Final = 404.0
CHANCE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Block:
    """One model of the plot: `style` is dense, source or artifact; rates by attack name."""

    heading: str
    style: str
    rates: tuple[tuple[str, Rate], ...]


def forest(title: str, blocks: Sequence[Block], *, limit: float | None) -> str:
    """AUC of every attack on every model; lower lies left, and left is better."""
    rates = [rate for block in blocks for _, rate in block.rates]
    x = _axis(rates, limit)
    rows = sum(1 + len(block.rates) for block in blocks)
    bottom = TOP + rows * ROW
    drawn = [*_ground(x, bottom), *_marker(x, bottom, CHANCE, ("chance", "chance"))]
    if limit is not None:
        drawn += _marker(x, bottom, limit, (f"limit {numbers.plain(limit)}", "limit"))
    y = TOP + ROW / 2
    for block in blocks:
        drawn += _block(x, y, block)
        y += (1 + len(block.rates)) * ROW
    return svg.picture((WIDTH, bottom + FOOT), title, drawn)


def _axis(rates: Sequence[Rate], limit: float | None) -> Linear:
    ends = [end for rate in rates for end in (rate.low, rate.high)]
    low, high = around([CHANCE, *ends, *([] if limit is None else [limit])])
    return Linear(max(0.0, low), min(1.0, high), LEFT, RIGHT)


def _ground(x: Linear, bottom: float) -> list[str]:
    drawn = [svg.line((LEFT, bottom), (RIGHT, bottom), "axis")]
    for tick in ticks(x.low, x.high):
        drawn.append(svg.line((x(tick), TOP), (x(tick), bottom), "grid"))
        drawn.append(svg.text((x(tick), bottom + 15), f"{tick:.2f}", "tick", "middle"))
    drawn.append(svg.text((LEFT, bottom + 29), "AUC, with its interval", "tick"))
    return drawn


def _marker(x: Linear, bottom: float, value: float, label: tuple[str, str]) -> list[str]:
    """A vertical line across all rows; chance is named low and limit high, lest they collide."""
    content, style = label
    height = TOP - 16 if style == "limit" else TOP - 4
    return [
        svg.line((x(value), height + 3), (x(value), bottom), style),
        svg.text((x(value), height), content, f"tick {style}-text", "middle"),
    ]


def _block(x: Linear, y: float, block: Block) -> list[str]:
    drawn = [svg.text((0, y + 4), block.heading, f"heading ink-{block.style}")]
    for name, rate in block.rates:
        y += ROW
        drawn.append(svg.text((10, y + 4), name, "label"))
        drawn.append(svg.line((x(rate.low), y), (x(rate.high), y), f"whisker {block.style}"))
        drawn.extend(
            svg.line((x(end), y - 4), (x(end), y + 4), f"whisker {block.style}")
            for end in (rate.low, rate.high)
        )
        told = f"{block.heading}, {name}: {numbers.rate(rate)}"
        drawn.append(svg.disc((x(rate.value), y), 4.5, f"dot {block.style}", told))
        drawn.append(svg.text((WIDTH, y + 4), numbers.plain(rate.value), "label", "end"))
    return drawn
