"""SHA-256 of files, arrays and JSON values, always as 64 hex digits."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, TypeAlias

from sc_deploy.contracts import FileDigest
from sc_deploy.errors import IntegrityError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

CHUNK = 1 << 20

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


def of_file(path: Path) -> str:
    """Digest of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_files(folder: Path, names: Iterable[str]) -> tuple[FileDigest, ...]:
    """Digest and size of each named file of a folder, in the order given."""
    return tuple(
        FileDigest(name, of_file(folder / name), (folder / name).stat().st_size) for name in names
    )


def of_json(value: Json) -> str:
    """Digest of a JSON value: keys sorted, no spaces, so that layout does not count."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def of_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> str:
    """Digest of named arrays: name, dtype, shape and C-order bytes, in the order of the names."""
    state = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        state.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        flat = array.reshape(len(array), -1) if array.ndim else array.reshape(1, 1)
        rows = max(1, CHUNK // max(1, flat[:1].nbytes))
        for start in range(0, len(flat), rows):
            state.update(flat[start : start + rows].tobytes())
    return state.hexdigest()


def require_files(folder: Path, expected: Iterable[FileDigest]) -> None:
    """Raise IntegrityError, naming every file that is missing or whose bytes changed."""
    problems = tuple(_changed(folder, expected))
    if problems:
        raise IntegrityError(
            f"files of {folder.name} are not what was written",
            remedy="find out who changed them; restore them, or make them again",
            problems=problems,
        )


def require_only(folder: Path, known: Iterable[str]) -> None:
    """Raise IntegrityError if the folder holds any other file: it would ship unexamined."""
    there = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    extra = {path.relative_to(folder).as_posix() for path in there} - set(known)
    if extra:
        raise IntegrityError(
            f"{folder.name} holds files that nobody made or examined",
            remedy="remove them, and find out who put them there",
            problems=[Problem(name, "is not listed", "remove it") for name in sorted(extra)],
        )


def _changed(folder: Path, expected: Iterable[FileDigest]) -> Iterable[Problem]:
    for file in expected:
        path = folder / file.path
        if not path.resolve().is_relative_to(folder.resolve()):
            yield Problem(file.path, "leads out of its folder", "do not trust it")
        elif not path.is_file():
            yield Problem(file.path, "is missing", "restore it, or make it again")
        elif (found := of_file(path)) != file.sha256:
            told = f"sha256 is {found}, expected {file.sha256}"
            yield Problem(file.path, told, "restore it, or remove it and make it again")
