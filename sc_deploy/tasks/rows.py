"""A table that is read row by row, as often as needed, without ever being in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from sc_deploy.errors import DataError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sc_deploy.recipe.data import TableSection

Value: TypeAlias = "str | int | float | bool | bytes | None"
"""A cell; `bytes` are those of an image file, and only columns in `Rows.images` have them."""


@dataclass(frozen=True, slots=True)
class Row:
    """`place` names file and row; `values` are those of the columns asked for, in their order.

    `fault` says why there are no values.
    """

    place: str
    values: tuple[Value, ...] = ()
    fault: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """`read(columns)` begins anew at each call; `files` are all that the answers depend on.

    `classes` has the names that the file itself gives to the numbers of a column; `images` are the
    columns that hold image files.
    """

    columns: tuple[str, ...]
    files: tuple[Path, ...]
    read: Callable[[tuple[str, ...]], Iterator[Row]]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    images: frozenset[str] = frozenset()


def wanted(table: TableSection) -> tuple[str, ...]:
    """The columns that a task reads: label, unit and attribute first, then what is sampled."""
    said = (table.label, table.unit, table.attribute)
    named = (*said, *sampled(table))
    return tuple(dict.fromkeys(name for name in named if name is not None))


def sampled(table: TableSection) -> tuple[str, ...]:
    """The columns that samples are made of."""
    image = () if table.image is None else (table.image,)
    return (*table.text, *table.numeric, *table.categorical, *image)


def require_columns(rows: Rows, table: TableSection) -> None:
    """Raise DataError naming every column that the recipe asks for and the file does not have."""
    problems = tuple(
        Problem(f"column {name!r}", "is not there", f"choose from {', '.join(rows.columns)}")
        for name in wanted(table)
        if name not in rows.columns
    )
    if problems:
        raise DataError(
            f"{rows.files[0].parent} has other columns than task.table names",
            remedy="correct task.table",
            problems=problems,
        )
