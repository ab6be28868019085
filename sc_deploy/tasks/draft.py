"""A first guess at a task section: of a table, from its first rows, which column is what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from sc_deploy.errors import DataError, UsageError
from sc_deploy.recipe.data import WORDS, TableSection, TaskSection
from sc_deploy.tasks import arrow_rows, csv_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sc_deploy.tasks.rows import Rows, Value

ROWS: Final = 200
LABELS: Final = ("label", "class", "target", "y", "category")
WORDS_OF_A_TEXT: Final = 3.0
MOST_CATEGORIES: Final = 30
LENGTH: Final = 64
# Any section that is valid: only its delimiter matters for reading names and values.
UNKNOWN: Final = TableSection(text=("text",))

LOADERS: Final[dict[str, Callable[[Path], Rows]]] = {
    "csv": lambda path: csv_rows.load(path, UNKNOWN),
    "parquet": arrow_rows.parquet,
    "hf-dataset": arrow_rows.dataset,
}

TEXTS: Final = frozenset({"ag-news", "yelp-5"})
FETCHED: Final = TEXTS | {"cifar-10", "cifar-100", "stl-10", "svhn", "tiny-imagenet"}
"""Tasks that `download: true` serves."""
DATA: Final = "data"


@dataclass(frozen=True, slots=True)
class Draft:
    """A task section to correct by hand, and the columns that no purpose was found for."""

    task: TaskSection
    left_out: tuple[str, ...]


def named(name: str, written: str | None) -> TaskSection:
    """The section of a task whose layout is known; `written` is how the recipe names its folder.

    Without one, a published data set is fetched into `data` beside the recipe.
    """
    fetched = written is None and name in FETCHED
    texts = name in TEXTS
    return TaskSection(
        name=name,
        path=DATA if fetched else written,
        download=fetched,
        tokenizer=WORDS if texts else None,
        length=LENGTH if texts else None,
    )


def table(name: str, path: Path, written: str, label: str | None) -> Draft:
    """The task section of this table; `written` is how the recipe names `path`.

    Numbers are numeric columns, few different words are categories, and several words a text;
    one column of text makes it a task of texts, and one of images a task of images. Raises
    DataError or UsageError.
    """
    rows = LOADERS[name](path)
    target = _label(rows, label)
    columns = tuple(column for column in rows.columns if column != target)
    if pictures := [column for column in columns if column in rows.images]:
        shown = TableSection(label=target, image=pictures[0])
        task = TaskSection(name=name, path=written, table=shown)
        return Draft(task, tuple(column for column in columns if column != pictures[0]))
    seen = [row.values for row in islice(rows.read(columns), ROWS) if row.fault is None]
    if not seen or not columns:
        raise DataError(
            f"{path} has no row to look at, or no column beside its labels",
            remedy="give a table with a header line and samples",
        )
    kinds = {
        column: _kind(values)
        for column, values in zip(columns, zip(*seen, strict=True), strict=True)
    }
    section = _section(target, kinds)
    texts = bool(section.text)
    used = (*section.text, *section.numeric, *section.categorical)
    task = TaskSection(
        name=name,
        path=written,
        table=section,
        tokenizer=WORDS if texts else None,
        length=LENGTH if texts else None,
    )
    return Draft(task, tuple(column for column in columns if column not in used))


def _label(rows: Rows, asked: str | None) -> str:
    if asked is not None and asked not in rows.columns:
        raise UsageError(
            f"the table has no column {asked!r}",
            remedy=f"choose --label from {', '.join(rows.columns)}",
        )
    known = {column.lower(): column for column in reversed(rows.columns)}
    return asked or next((known[name] for name in LABELS if name in known), rows.columns[-1])


def _kind(values: Sequence[Value]) -> str:
    """`numeric`, `text`, `categorical`, or nothing for a column that looks like an identifier."""
    given = [value for value in values if value not in (None, "")]
    if not given:
        return ""
    if all(_is_number(value) for value in given):
        return "numeric" if len(given) == len(values) else ""
    words = [str(value) for value in given]
    if sum(len(word.split()) for word in words) / len(words) >= WORDS_OF_A_TEXT:
        return "text"
    return "categorical" if len(set(words)) <= min(MOST_CATEGORIES, len(words) / 2) else ""


def _is_number(value: Value) -> bool:
    try:
        return value is not None and math.isfinite(float(value))
    except ValueError:
        return False


def _section(label: str, kinds: dict[str, str]) -> TableSection:
    chosen = {
        kind: tuple(column for column, found in kinds.items() if found == kind)
        for kind in ("text", "numeric", "categorical")
    }
    if chosen["text"]:
        return TableSection(label=label, text=chosen["text"][:2])
    if not (chosen["numeric"] or chosen["categorical"]):
        raise DataError(
            f"no column beside {label!r} looks like numbers, categories or texts",
            remedy="name the column of classes with --label, or write task.table by hand",
        )
    return TableSection(label=label, numeric=chosen["numeric"], categorical=chosen["categorical"])
