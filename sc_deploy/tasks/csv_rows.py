"""The rows of CSV files (RFC 4180), read with the standard library."""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING, Final

from sc_deploy.errors import DataError, Problem
from sc_deploy.tasks.rows import Row, Rows
from sc_deploy.tasks.table_files import found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sc_deploy.recipe.data import TableSection

LONGEST: Final = 1 << 27
"""Characters of one value; the module's own limit of 131,072 is less than a long document."""


def load(path: Path, table: TableSection) -> Rows:
    """A file, or all `*.csv` of a folder as one table. Raises DataError if headers differ."""
    return of(found(path, ".csv"), table)


def of(files: tuple[Path, ...], table: TableSection) -> Rows:
    """These files as one table. Raises DataError if headers differ."""
    columns = table.columns if table.columns is not None else _common_header(files, table)
    return Rows(columns, files, partial(_read, files, columns, table))


def _common_header(files: tuple[Path, ...], table: TableSection) -> tuple[str, ...]:
    headers = {file: _header(file, table) for file in files}
    first = headers[files[0]]
    problems = [
        _header_problem(file, header, first)
        for file, header in headers.items()
        if header != first or len(set(header)) != len(header) or not header
    ]
    if problems:
        raise DataError(
            "the CSV files have no common header of different names",
            remedy="name the columns in task.table.columns if the files have no header line",
            problems=problems,
        )
    return first


def _header_problem(file: Path, header: tuple[str, ...], first: tuple[str, ...]) -> Problem:
    if not header:
        return Problem(str(file), "has no first line", "bring rows, or remove the file")
    if len(set(header)) != len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        return Problem(str(file), f"names {twice} twice", "give each column a name of its own")
    return Problem(str(file), f"begins with {list(header)}", f"expected {list(first)}")


def _header(file: Path, table: TableSection) -> tuple[str, ...]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            return tuple(next(csv.reader(lines, delimiter=table.delimiter), []))
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(
                f"{file} cannot be read: {error}", remedy="save it as CSV in UTF-8"
            ) from error


def _read(
    files: tuple[Path, ...], columns: tuple[str, ...], table: TableSection, asked: tuple[str, ...]
) -> Iterator[Row]:
    place = [columns.index(name) for name in asked]
    for file in files:
        for number, row in enumerate(_rows(file, columns, table)):
            if number or table.columns is not None:
                values = tuple(row.values[i] for i in place) if row.fault is None else ()
                yield Row(row.place, values, row.fault)


def _rows(file: Path, columns: tuple[str, ...], table: TableSection) -> Iterator[Row]:
    """Every record, the header too; empty lines are none. A broken file ends with a fault."""
    csv.field_size_limit(LONGEST)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=table.delimiter, strict=True)
        try:
            for values in reader:
                if values:
                    yield _row(f"{file.name}:{reader.line_num}", values, len(columns))
        except (csv.Error, UnicodeDecodeError) as error:
            fault = f"cannot be read on from here: {error}"
            yield Row(f"{file.name}:{reader.line_num + 1}", fault=fault)


def _row(place: str, values: list[str], columns: int) -> Row:
    if len(values) != columns:
        return Row(place, fault=f"has {len(values)} values for {columns} columns")
    return Row(place, tuple(values))
