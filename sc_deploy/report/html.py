"""The page for people: one HTML file that needs no script, no network and no other file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sc_deploy.report import numbers, page, pictures, predictive, subjects, text, vocabulary
from sc_deploy.report.charts.badge import badge

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment
    from markupsafe import Markup

    from sc_deploy.contracts import Summary


def render(summary: Summary) -> str:
    """The whole page. It holds no figure of a single sample, because a Summary holds none."""
    return environment().get_template("page.html.j2").render(page=page.gather(summary))


@cache
def environment() -> Environment:
    """Escapes all that is not drawn here; a misspelt name fails the rendering."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sc_deploy.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_filters())
    environment.globals.update(_globals())
    return environment


def _filters() -> dict[str, Callable[..., object]]:
    """How templates write a value."""
    return {
        "calls": predictive.calls,
        "capital": text.capital,
        "code": _code,
        "bytes": numbers.size_of,
        "change": numbers.change,
        "dotted": _dotted,
        "odds": numbers.odds,
        "exact": numbers.exact,
        "interval": numbers.interval,
        "listed": text.listed,
        "ms": numbers.milliseconds,
        "percent": numbers.percent,
        "plain": numbers.plain,
        "rate": numbers.rate,
        "share": numbers.share,
        "times": numbers.times,
        "words": text.words,
    }


def _globals() -> dict[str, object]:
    """What templates may draw and ask."""
    return {
        "badge": _drawn(badge),
        "curves": _drawn(pictures.curves),
        "densities": _drawn(pictures.densities),
        "leakage": _drawn(pictures.leakage),
        "rounds": _panels,
        "subjects": subjects,
        "text": text,
        "predictive": predictive,
        "vocabulary": vocabulary,
    }


def _drawn(chart: Callable[..., str | None]) -> Callable[..., Markup | None]:
    """The chart as markup: `svg` has escaped every text and attribute in it."""
    from markupsafe import Markup

    def draw(*values: object) -> Markup | None:
        drawing = chart(*values)
        return None if drawing is None else Markup(drawing)  # noqa: S704

    return draw


def _panels(family: page.Family) -> list[tuple[str, Markup]]:
    from markupsafe import Markup

    return [(name, Markup(drawing)) for name, drawing in pictures.rounds(family)]  # noqa: S704


def _code(phrase: str) -> Markup:
    """A phrase whose parts between backticks are code."""
    from markupsafe import Markup, escape

    parts = phrase.split("`")
    told = (
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
    return Markup("").join(told)


def _dotted(name: str) -> Markup:
    """A dotted name that a narrow column may break after its dots."""
    from markupsafe import Markup, escape

    return Markup(".<wbr>").join(escape(part) for part in name.split("."))
