"""The rows of Parquet files, and of a Hugging Face data set that `save_to_disk` wrote."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from sc_deploy.errors import DataError, UnavailableError
from sc_deploy.tasks.rows import Row, Rows
from sc_deploy.tasks.table_files import found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BATCH: Final = 1024
IMAGES: Final = 32
"""Rows whose image files are copied at once."""
PLAIN: Final = (str, int, float, bool, type(None))
IMAGE: Final = frozenset({"bytes", "path"})
"""The fields of a cell of the `Image` feature of the `datasets` library."""


def parquet(path: Path) -> Rows:
    """A file, or all `*.parquet` of a folder as one table. Raises DataError."""
    return _rows(found(path, ".parquet"), _parquet_batches)


def dataset(path: Path) -> Rows:
    """A data set on disk: one split, or all splits of a `dataset_dict.json`, or Parquet shards.

    Its Arrow files are read as they are; the `datasets` package is not needed. Raises DataError.
    """
    if not (path / "dataset_dict.json").is_file() and not (path / "state.json").is_file():
        shards = path / "data" if (path / "data").is_dir() else path
        return parquet(shards)
    folders = _splits(path)
    files = tuple(file for folder in folders for file in _shards(folder))
    if not files:
        raise DataError(f"{path} names no Arrow file", remedy="save the data set again")
    return _rows(files, _arrow_batches, _class_labels(folders[0]))


def _splits(path: Path) -> list[Path]:
    listed = path / "dataset_dict.json"
    if not listed.is_file():
        return [path]
    return [path / str(name) for name in _json(listed).get("splits", [])]


def _shards(folder: Path) -> Iterator[Path]:
    state = _json(folder / "state.json")
    if state.get("_indices_data_files"):
        raise DataError(
            f"{folder} is a selection whose rows are given by an index",
            remedy="write it with `dataset.flatten_indices().save_to_disk(...)`",
        )
    for entry in state.get("_data_files", []):
        name = Path(str(entry["filename"])).name
        if not (folder / name).is_file():
            raise DataError(f"{folder / name} is missing", remedy="copy the whole folder again")
        yield folder / name


def _class_labels(folder: Path) -> dict[str, tuple[str, ...]]:
    """The names that `ClassLabel` columns give to their numbers."""
    info = folder / "dataset_info.json"
    features = (_json(info).get("features") if info.is_file() else None) or {}
    return {
        name: tuple(feature["names"])
        for name, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
    }


# Any: what such a file holds is looked at key by key.
def _json(path: Path) -> dict[str, Any]:
    try:
        return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", remedy="save it again") from error


def _rows(
    files: tuple[Path, ...],
    batches: Callable[[Path, list[str] | None], Iterator[Any]],
    classes: dict[str, tuple[str, ...]] | None = None,
) -> Rows:
    _require_arrow()
    schema = next(batches(files[0], None), None)
    columns = tuple(schema.schema.names) if schema is not None else ()
    images = _images(schema.schema) if schema is not None else frozenset()
    return Rows(columns, files, partial(_read, files, batches, images), classes or {}, images)


# Any: pyarrow has no types.
def _images(schema: Any) -> frozenset[str]:
    import pyarrow as pa

    return frozenset(
        field.name
        for field in schema
        if pa.types.is_struct(field.type) and {part.name for part in field.type} == IMAGE
    )


def _read(
    files: tuple[Path, ...],
    batches: Callable[[Path, list[str] | None], Iterator[Any]],
    images: frozenset[str],
    asked: tuple[str, ...],
) -> Iterator[Row]:
    places = [place for place, name in enumerate(asked) if name in images]
    for file in files:
        number = 0
        for batch in _pieces(batches(file, list(asked)), IMAGES if places else BATCH):
            columns = [batch.column(name).to_pylist() for name in asked]
            for values in zip(*columns, strict=True):
                number += 1
                yield _row(f"{file.name}:{number}", values, places)


# Any: pyarrow has no types.
def _pieces(batches: Iterator[Any], rows: int) -> Iterator[Any]:
    for batch in batches:
        yield from (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))


# Any: a cell may hold whatever Arrow has; what is no plain value becomes a fault.
def _row(place: str, values: tuple[Any, ...], images: list[int]) -> Row:
    cells = [values[i] for i in images]
    if any(cell is None or cell["bytes"] is None for cell in cells):
        return Row(place, fault="holds no image, or only the path of one")
    plain = [value for i, value in enumerate(values) if i not in images]
    strange = [type(value).__name__ for value in plain if not isinstance(value, PLAIN)]
    if strange:
        return Row(place, fault=f"holds {', '.join(strange)}, not text or a number")
    if images:
        values = tuple(v["bytes"] if i in images else v for i, v in enumerate(values))
    return Row(place, values)


# Any: pyarrow has no types.
def _parquet_batches(file: Path, columns: list[str] | None) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as content:
            known = columns is None or set(columns) <= set(content.schema_arrow.names)
            if not known:
                raise DataError(f"{file} lacks columns that others have", remedy="leave it out")
            yield from content.iter_batches(BATCH, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(file, error) from error


def _arrow_batches(file: Path, columns: list[str] | None) -> Iterator[Any]:
    import pyarrow as pa

    try:
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as stream:
            for batch in stream:
                # A batch of the file may be as large as the file.
                for start in range(0, max(1, batch.num_rows), BATCH):
                    piece = batch.slice(start, BATCH)
                    yield piece if columns is None else piece.select(columns)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: Exception) -> DataError:
    return DataError(f"{file} cannot be read: {error}", remedy="copy or save the file again")


def _require_arrow() -> None:
    try:
        import pyarrow as pa  # noqa: F401
    except ImportError as error:
        raise UnavailableError(
            f"Arrow and Parquet files cannot be read: {error}",
            remedy="pip install 'scdeploy[data]'",
        ) from error
