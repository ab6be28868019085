"""The ROC of one attack on artifact and source, with both axes in decades.

Log axes follow Carlini et al., "Membership Inference Attacks From First Principles" (S&P 2022),
section III: what hurts is the left edge, where few non-members are accused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.report import numbers, svg
from sc_deploy.report.charts.scale import Log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Curve, OperatingPoint

WIDTH: Final = 380.0
HEIGHT: Final = 330.0
LEFT: Final = 52.0
RIGHT: Final = 368.0
TOP: Final = 26.0
BOTTOM: Final = 284.0
LOWEST: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Line:
    """One model's curve; `style` is source or artifact. `points` carry intervals to show."""

    name: str
    style: str
    curve: Curve
    points: tuple[OperatingPoint, ...]


def roc(title: str, lines: Sequence[Line]) -> str:
    """The curves of all lines over the chance diagonal; the dashed one comes last, on top."""
    x, y = axes(lines)
    drawn = [*_ground(x, y), *_chance(x, y)]
    for line in lines:
        drawn.append(_curve(x, y, line))
        drawn += _intervals(x, y, line)
    drawn += _legend(lines)
    return svg.picture((WIDTH, HEIGHT), title, drawn)


def axes(lines: Sequence[Line]) -> tuple[Log, Log]:
    """Both axes start at the decade of the smallest false-positive rate that was measured."""
    rates = [rate for line in lines for rate in line.curve.fpr if rate > 0]
    decade = next((d for d in (1e-2, 1e-3) if min(rates, default=1) >= d * 0.999), LOWEST)
    return Log(decade, 1.0, LEFT, RIGHT), Log(decade, 1.0, BOTTOM, TOP)


def _ground(x: Log, y: Log) -> list[str]:
    drawn = []
    for decade in x.decades():
        name = numbers.percent(decade)
        drawn.append(svg.line((x(decade), TOP), (x(decade), BOTTOM), "grid"))
        drawn.append(svg.line((LEFT, y(decade)), (RIGHT, y(decade)), "grid"))
        anchor: svg.Anchor = "end" if decade == x.high else "middle"
        drawn.append(svg.text((x(decade), BOTTOM + 15), name, "tick", anchor))
        drawn.append(svg.text((LEFT - 6, y(decade) + 4), name, "tick", "end"))
    drawn.append(svg.line((LEFT, BOTTOM), (RIGHT, BOTTOM), "axis"))
    drawn.append(svg.line((LEFT, TOP), (LEFT, BOTTOM), "axis"))
    across = "false-positive rate: non-members accused"
    drawn.append(svg.text((RIGHT, BOTTOM + 36), across, "tick", "end"))
    drawn.append(svg.text((0, TOP - 14), "true-positive rate: members found", "tick"))
    return drawn


def _chance(x: Log, y: Log) -> list[str]:
    return [svg.line((x(x.low), y(y.low)), (x(1.0), y(1.0)), "chance")]


def _curve(x: Log, y: Log, line: Line) -> str:
    inside = [
        (x(fpr), y(tpr))
        for fpr, tpr in zip(line.curve.fpr, line.curve.tpr, strict=True)
        if fpr >= x.low
    ]
    return svg.path(inside, f"curve {line.style}")


def _intervals(x: Log, y: Log, line: Line) -> list[str]:
    """Dot and whisker at each resolved operating point, a little apart for each model."""
    aside = 3.0 if line.style == "artifact" else -3.0
    drawn = []
    for point in line.points:
        if point.rate is None or point.fpr < x.low:
            continue
        at = x(point.fpr) + aside
        told = f"{line.name}, TPR at {numbers.percent(point.fpr)} FPR: {numbers.share(point.rate)}"
        ends = (at, y(point.rate.low)), (at, y(point.rate.high))
        drawn.append(svg.line(*ends, f"whisker {line.style}"))
        drawn.append(svg.disc((at, y(point.rate.value)), 3.5, f"dot {line.style}", told))
    return drawn


def _legend(lines: Sequence[Line]) -> list[str]:
    """Top left, where a curve would mean a perfect attacker."""
    named = [(line.name, f"curve {line.style}") for line in lines]
    drawn = []
    for row, (name, style) in enumerate([*named, ("chance", "chance")]):
        height = TOP + 14 + row * 17
        drawn.append(svg.line((LEFT + 10, height - 4), (LEFT + 32, height - 4), style))
        drawn.append(svg.text((LEFT + 38, height), name, "label"))
    return drawn
