"""Images in a column of a table, decoded once into a memory-mapped pool."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.errors import DataError
from sc_deploy.tasks import cache, pixels
from sc_deploy.tasks.arrays import ArrayTask
from sc_deploy.tasks.faults import Faults
from sc_deploy.tasks.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import UInt8
    from sc_deploy.recipe import TaskSection
    from sc_deploy.recipe.data import ImagesSection, TableSection
    from sc_deploy.tasks.rows import Rows, Value


@dataclass(slots=True)
class ImageSamples:
    """What the first pass keeps: how many rows there are, and which files were seen."""

    unique: bool
    count: int = 0
    _seen: set[bytes] = field(default_factory=set)

    def add(self, values: tuple[Value, ...]) -> Iterator[tuple[str, str]]:
        self.count += 1
        (content,) = values
        if self.unique and isinstance(content, bytes):
            key = hashlib.sha256(content).digest()
            if key in self._seen:
                yield "repeats the image of an earlier row", "remove these rows"
            self._seen.add(key)


@dataclass(frozen=True, slots=True)
class Column:
    """The images of one column, which must all come out in one shape."""

    rows: Rows
    name: str
    section: ImagesSection

    def shape(self) -> tuple[int, ...]:
        """That of the first image which can be read; if none can, any will do to list them all."""
        decoded = (found for _, found in self._decoded())
        return next((found.shape for found in decoded if not isinstance(found, str)), (1, 1))

    def pieces(self, shape: tuple[int, ...]) -> Iterator[bytes]:
        """Every image's pixels. Raises DataError at the end, listing those that have none."""
        faults = Faults()
        for place, found in self._decoded():
            if isinstance(found, str):
                faults.add(found, "replace or remove these", place=place)
            elif found.shape != shape:
                here, first = (f"{size[1]} x {size[0]}" for size in (found.shape, shape))
                said = f"is {here} pixels, the first image {first}: set task.images.size"
                faults.add(said, "set one size for all", place=place)
            else:
                yield found.tobytes()
        if problems := tuple(faults.problems()):
            raise DataError(
                f"images of column {self.name!r} cannot be used",
                remedy="correct them all; nothing was kept of the others",
                problems=problems,
            )

    def _decoded(self) -> Iterator[tuple[str, UInt8 | str]]:
        for row in self.rows.read((self.name,)):
            (content,) = row.values
            # The survey refused every row that holds no file.
            assert isinstance(content, bytes)
            yield row.place, pixels.decode(BytesIO(content), self.section)


def task(section: TaskSection, table: TableSection, rows: Rows, name: str) -> ArrayTask:
    """uint8 [N, height, width, 3], or [N, height, width] in grayscale, of the column `name`.

    Raises DataError listing everything that is wrong.
    """
    if name in rows.columns and name not in rows.images:
        raise DataError(
            f"task.table.image: column {name!r} holds no images",
            remedy=f"choose from {', '.join(sorted(rows.images)) or 'nothing: it has none'}",
        )
    samples = ImageSamples(unique=table.duplicates == "refuse")
    labels = survey(rows, table, samples)
    asked = section.images
    column = Column(rows, name, asked)
    normalise = pixels.normalised(asked, channels=1 if asked.grayscale else 3)
    shape = column.shape()
    x: NDArray[np.uint8] = cache.mapped(
        cache.folder("images") / f"{cache.key(rows.files, name, asked.size, asked.grayscale)}.npy",
        (samples.count, *shape),
        np.dtype(np.uint8),
        lambda: column.pieces(shape),
    )
    return ArrayTask(
        section.name, labels.classes, x, labels.y, normalise, labels.unit, labels.attribute
    )
