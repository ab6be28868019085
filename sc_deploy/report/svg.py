"""SVG as strings: every text and attribute escaped, numbers short, pictures with a name."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Point: TypeAlias = "tuple[float, float]"
Attributes: TypeAlias = "Mapping[str, str | float]"
Anchor: TypeAlias = Literal["start", "middle", "end"]


def coordinate(value: float) -> str:
    """At most two decimals and no trailing zeros, so that equal pictures are equal strings."""
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def element(tag: str, attributes: Attributes, *children: str) -> str:
    """One element; `children` are SVG already."""
    written = "".join(f' {name}="{_attribute(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{''.join(children)}</{tag}>"


def picture(size: Point, title: str, children: Iterable[str]) -> str:
    """A whole drawing that scales with its box. `title` tells what one would see."""
    attributes = {
        "viewBox": f"0 0 {coordinate(size[0])} {coordinate(size[1])}",
        "role": "img",
        "aria-label": title,
        "class": "chart",
    }
    return element("svg", attributes, hint(title), *children)


def hint(content: str) -> str:
    """What a pointer resting on the parent element shows."""
    return element("title", {}, escape(content))


def text(at: Point, content: str, style: str, anchor: Anchor = "start") -> str:
    place: Attributes = {"x": at[0], "y": at[1], "class": style, "text-anchor": anchor}
    return element("text", place, escape(content))


def line(start: Point, end: Point, style: str) -> str:
    ends = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    return element("line", {**ends, "class": style})


def path(points: Iterable[Point], style: str) -> str:
    """An open line through the points, in their order; nothing for no point."""
    steps = "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)
    return element("path", {"d": f"M{steps}", "class": style}) if steps else ""


def disc(at: Point, radius: float, style: str, told: str = "") -> str:
    place: Attributes = {"cx": at[0], "cy": at[1], "r": radius, "class": style}
    return element("circle", place, *([hint(told)] if told else []))


def box(at: Point, size: Point, style: str) -> str:
    place: Attributes = {"x": at[0], "y": at[1], "width": size[0], "height": size[1]}
    return element("rect", {**place, "class": style})


def _attribute(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else coordinate(value)
