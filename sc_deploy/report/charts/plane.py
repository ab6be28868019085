"""The accuracy-leakage plane: each arm of a study as a numbered dot with both its intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.report import numbers, svg
from sc_deploy.report.charts.scale import Linear, around, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Rate

WIDTH: Final = 720.0
HEIGHT: Final = 430.0
LEFT: Final = 56.0
RIGHT: Final = 708.0
TOP: Final = 30.0
BOTTOM: Final = 378.0
CHANCE: Final = 0.5
# Student's interval of two seeds is 13 standard errors wide on either side: no picture of anything.
FEWEST_SEEDS: Final = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """One arm: `number` stands in its dot; `style` is dense, source or artifact."""

    number: int
    name: str
    style: str
    leakage: Rate
    accuracy: Rate


def plane(title: str, spots: Sequence[Spot], *, accuracy: str = "test accuracy") -> str:
    """Leakage to the right, accuracy upwards: the upper left corner is where one wants to be.

    Axes cover the means and chance; an interval that is wider is cut at the border. The first
    spot is drawn last, on top. `accuracy` names the axis.
    """
    x, y = axes(spots)
    drawn = [*_ground(x, y, accuracy), *_chance(x)]
    for spot in spots:
        drawn += _whiskers(x, y, spot)
    for spot in reversed(spots):
        drawn += _dot(x, y, spot)
    return svg.picture((WIDTH, HEIGHT), title, drawn)


def axes(spots: Sequence[Spot]) -> tuple[Linear, Linear]:
    leakage = around([CHANCE, *(spot.leakage.value for spot in spots)])
    accuracy = around([spot.accuracy.value for spot in spots], margin=0.2)
    return Linear(*leakage, LEFT, RIGHT), Linear(*accuracy, BOTTOM, TOP)


def _ground(x: Linear, y: Linear, accuracy: str) -> list[str]:
    drawn = []
    for tick in ticks(x.low, x.high, about=7):
        drawn.append(svg.line((x(tick), TOP), (x(tick), BOTTOM), "grid"))
        drawn.append(svg.text((x(tick), BOTTOM + 16), numbers.plain(tick), "tick", "middle"))
    for tick in ticks(y.low, y.high, about=6):
        drawn.append(svg.line((LEFT, y(tick)), (RIGHT, y(tick)), "grid"))
        drawn.append(svg.text((LEFT - 6, y(tick) + 4), numbers.plain(tick), "tick", "end"))
    drawn.append(svg.line((LEFT, BOTTOM), (RIGHT, BOTTOM), "axis"))
    drawn.append(svg.line((LEFT, TOP), (LEFT, BOTTOM), "axis"))
    across = "AUC of the strongest attack (left is better)"
    drawn.append(svg.text((RIGHT, BOTTOM + 38), across, "tick", "end"))
    drawn.append(svg.text((0, TOP - 14), f"{accuracy} (up is better)", "tick"))
    return drawn


def _chance(x: Linear) -> list[str]:
    at = x(CHANCE)
    return [
        svg.line((at, TOP), (at, BOTTOM), "chance"),
        svg.text((at + 4, BOTTOM - 6), "chance", "tick"),
    ]


def _whiskers(x: Linear, y: Linear, spot: Spot) -> list[str]:
    if spot.accuracy.n < FEWEST_SEEDS:
        return []
    across, up = x(spot.leakage.value), y(spot.accuracy.value)
    style = f"whisker {spot.style}"
    return [
        svg.line((x(spot.leakage.low), up), (x(spot.leakage.high), up), style),
        svg.line((across, y(spot.accuracy.low)), (across, y(spot.accuracy.high)), style),
    ]


def _dot(x: Linear, y: Linear, spot: Spot) -> list[str]:
    at = x(spot.leakage.value), y(spot.accuracy.value)
    told = (
        f"{spot.name}: accuracy {numbers.plain(spot.accuracy.value)} "
        f"{numbers.interval(spot.accuracy)}, AUC {numbers.plain(spot.leakage.value)} "
        f"{numbers.interval(spot.leakage)}"
    )
    return [
        svg.disc(at, 9.0, f"dot {spot.style}", told),
        svg.text((at[0], at[1] + 3.5), str(spot.number), "number", "middle"),
    ]
