"""Tasks of tables: texts, or numbers and categories, from CSV, Parquet or a Hugging Face folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sc_deploy.errors import DataError, Problem
from sc_deploy.recipe.data import WORDS
from sc_deploy.tasks import (
    arrow_rows,
    csv_rows,
    image_rows,
    numbers,
    settings,
    texts,
    tokenizer,
    vocabulary,
)
from sc_deploy.tasks.arrays import ArrayTask
from sc_deploy.tasks.survey import survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from sc_deploy.contracts import Task, Tokens
    from sc_deploy.contracts.arrays import Int64, UInt8
    from sc_deploy.recipe import TaskSection
    from sc_deploy.recipe.data import TableSection
    from sc_deploy.tasks.rows import Rows


class Encoder(Protocol):
    """A way from texts to token ids."""

    @property
    def tokens(self) -> Tokens: ...

    def encode(self, texts: Sequence[tuple[str, ...]]) -> Int64: ...


@dataclass(frozen=True, slots=True, eq=False)
class StoredTextTask:
    """A `TextTask` over texts on disk. `x` uint8 [N, 32] are hashes of texts, see `texts`."""

    name: str
    classes: tuple[str, ...]
    x: UInt8
    y: Int64
    texts: texts.Texts
    encoder: Encoder
    unit: NDArray[np.generic] | None = None
    attribute: Int64 | None = None

    @property
    def tokens(self) -> Tokens:
        return self.encoder.tokens

    def preprocess(self, x: NDArray[np.generic]) -> Int64:
        return self.encoder.encode(self.texts.find(x))


def load_csv(section: TaskSection) -> Task:
    """The CSV file, or all of a folder, at `task.path`. Raises DataError with all that is wrong."""
    table = _table(section)
    path = settings.existing(section, "a CSV file, or a folder of them")
    return made(section, table, csv_rows.load(path, table))


def load_parquet(section: TaskSection) -> Task:
    """The Parquet file, or all of a folder, at `task.path`. See `load_csv`."""
    path = settings.existing(section, "a Parquet file, or a folder of them")
    return made(section, _table(section), arrow_rows.parquet(path))


def load_dataset(section: TaskSection) -> Task:
    """The folder that `datasets` saved at `task.path`, all of its splits. See `load_csv`."""
    path = settings.existing(section, "the folder of a saved data set")
    return made(section, _table(section), arrow_rows.dataset(path))


def _table(section: TaskSection) -> TableSection:
    image = section.table is not None and section.table.image is not None
    reads = ("images",) if image else ("tokenizer", "vocabulary", "length")
    settings.require_read(section, "table", *reads)
    if section.table is None:
        raise DataError(
            f"task {section.name!r} needs to know which column is what",
            remedy="set task.table: label, and text, numeric, categorical or image",
        )
    if bool(section.table.text) != (section.tokenizer is not None):
        raise DataError(
            "task.tokenizer goes with task.table.text",
            remedy="for texts set task.tokenizer and task.length; for numbers, neither",
            problems=[Problem("task.tokenizer", f"is {section.tokenizer}", "correct one of both")],
        )
    return section.table


def made(section: TaskSection, table: TableSection, rows: Rows) -> Task:
    """The task of these rows, by the kind of samples that `table` names. Raises DataError."""
    if table.image is not None:
        return image_rows.task(section, table, rows, table.image)
    return _texts(section, table, rows) if table.text else _numbers(section, table, rows)


def _texts(section: TaskSection, table: TableSection, rows: Rows) -> StoredTextTask:
    samples = texts.TextSamples(unique=table.duplicates == "refuse")
    labels = survey(rows, table, samples)
    found = texts.stored(rows, table, samples)
    return StoredTextTask(
        section.name,
        labels.classes,
        samples.hashes,
        labels.y,
        found,
        _encoder(section, found, pair=len(table.text) > 1),
        labels.unit,
        labels.attribute,
    )


def _encoder(section: TaskSection, found: texts.Texts, *, pair: bool) -> Encoder:
    length = section.length or 0
    if section.tokenizer == WORDS or section.tokenizer is None:
        return vocabulary.fit(found, most=section.vocabulary, length=length)
    return tokenizer.load(Path(section.tokenizer), length=length, pair=pair)


def _numbers(section: TaskSection, table: TableSection, rows: Rows) -> ArrayTask:
    samples = numbers.NumberSamples(table)
    labels = survey(rows, table, samples)
    x = numbers.stored(rows, table, samples)
    return ArrayTask(
        section.name,
        labels.classes,
        x,
        labels.y,
        numbers.standardised(x, table, samples),
        labels.unit,
        labels.attribute,
    )
