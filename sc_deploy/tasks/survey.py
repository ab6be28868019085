"""The first pass over a table: who is labelled what, and everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sc_deploy.errors import DataError, Problem
from sc_deploy.tasks.codes import Codes, ordered
from sc_deploy.tasks.faults import Faults
from sc_deploy.tasks.rows import require_columns, sampled, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.recipe.data import TableSection
    from sc_deploy.tasks.rows import Row, Rows, Value


class Samples(Protocol):
    """What a kind of task keeps of each row in the first pass."""

    def add(self, values: tuple[Value, ...]) -> Iterator[tuple[str, str]]:
        """Take on the values of a row's own columns; each fault as what was found and a remedy."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What is said of every row: classes, y int64 [N], unit [N] and attribute int64 [N]."""

    classes: tuple[str, ...]
    y: Int64
    unit: NDArray[np.generic] | None
    attribute: Int64 | None


@dataclass(slots=True)
class _Columns:
    """The columns that describe a row, while they grow."""

    table: TableSection
    names: tuple[str, ...] | None
    given: tuple[str, ...] | None
    label: Codes = field(default_factory=Codes)
    unit: Codes = field(default_factory=Codes)
    attribute: Codes = field(default_factory=Codes)

    def add(self, values: dict[str, Value]) -> Iterator[tuple[str, str]]:
        yield from self._label(values[self.table.label])
        for name, codes in (
            (self.table.unit, self.unit),
            (self.table.attribute, self.attribute),
        ):
            if name is not None:
                word = text_of(values[name])
                codes.add(word)
                if not word:
                    yield f"has nothing in column {name!r}", "fill it in, or remove these rows"

    def _label(self, value: Value) -> Iterator[tuple[str, str]]:
        word = text_of(value)
        if self.given is not None and word.isdecimal() and int(word) < len(self.given):
            word = self.given[int(word)]
        elif self.given is not None and word not in self.given:
            yield f"has label {word!r}, which names no class", "correct or remove these rows"
        elif not word:
            yield "has no label", "label or remove these rows"
        if self.names is not None and word and word not in self.names:
            yield f"has label {word!r}, not one of task.table.classes", "correct one of the two"
        self.label.add(word)


def survey(rows: Rows, table: TableSection, samples: Samples) -> Labels:
    """Read the table once. Raises DataError listing every kind of fault with its first rows."""
    require_columns(rows, table)
    asked = wanted(table)
    own = [asked.index(name) for name in sampled(table)]
    columns = _Columns(table, table.classes, rows.classes.get(table.label))
    faults = Faults()
    for row in rows.read(asked):
        for found, remedy in _faults(row, asked, columns, samples, own):
            faults.add(found, remedy, place=row.place)
    problems = (*faults.problems(), *_class_problems(columns.label, table))
    if problems:
        raise DataError(
            f"the rows of {rows.files[0].parent} cannot be used",
            remedy="correct them all",
            problems=problems,
        )
    classes = table.classes or columns.given or columns.label.names
    return Labels(
        classes,
        columns.label.numbered(classes),
        columns.unit.numbered(columns.unit.names) if table.unit else None,
        columns.attribute.numbered(columns.attribute.names) if table.attribute else None,
    )


def text_of(value: Value) -> str:
    """A label, unit or category as its name; a whole number looks the same in every file."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value != value else str(value).strip()


def _faults(
    row: Row, asked: tuple[str, ...], columns: _Columns, samples: Samples, own: list[int]
) -> Iterator[tuple[str, str]]:
    if row.fault is not None:
        yield row.fault, "correct or remove these rows"
        return
    yield from columns.add(dict(zip(asked, row.values, strict=True)))
    yield from samples.add(tuple(row.values[i] for i in own))


def _class_problems(label: Codes, table: TableSection) -> Iterator[Problem]:
    names, rows = ordered(name for name in label.names if name), len(label)
    where = f"column {table.label!r}"
    if not rows:
        yield Problem(where, "has no rows", "bring some data")
    elif len(names) < 2 and table.classes is None:
        yield Problem(where, f"has only {list(names)}", "two classes are the least")
    elif table.classes is None and len(names) > max(2, rows // 2):
        found = f"has {len(names):,} different labels in {rows:,} rows"
        yield Problem(where, found, "name the column of classes; this is no classification")
