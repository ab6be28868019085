"""The arrays of an `.npz` that is not trusted: nothing is unpickled, nothing inflated blindly."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.errors import DataError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

# Samples shrink to a tenth at best; what shrinks to a hundredth and fills memory is no sample file.
LARGEST_RATIO: Final = 100
HARMLESS: Final = 1 << 28
"""Bytes that may come out of any archive, whatever its ratio."""
ZIP, PICKLE = b"PK", b"\x80"


def read(path: Path) -> Mapping[str, NDArray[np.generic]]:
    """Every array by name. Raises DataError for what is no `.npz`, IntegrityError if unsafe."""
    _require_archive(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _require_modest(path, archive.infolist())
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in arrays.files}
    except IntegrityError:
        raise
    # A damaged archive raises whatever the bytes at that place lead zipfile and numpy to.
    except Exception as error:
        if "allow_pickle" in str(error):
            raise _pickled(path) from error
        raise IntegrityError(
            f"{path.name} is damaged: {type(error).__name__}: {error}",
            remedy="make it again with numpy.savez; if it was whole before, find out who cut it",
        ) from error


def _require_archive(path: Path) -> None:
    if not path.is_file():
        raise DataError(f"there is no file {path}", remedy="give the path of an .npz file")
    with path.open("rb") as stream:
        start = stream.read(2)
    if start[:1] == PICKLE:
        raise _pickled(path)
    if start != ZIP:
        raise DataError(
            f"{path.name} is not an .npz archive",
            remedy="write it with numpy.savez(path, x=…, y=…)",
        )


def _require_modest(path: Path, members: list[zipfile.ZipInfo]) -> None:
    packed = sum(member.compress_size for member in members)
    whole = sum(member.file_size for member in members)
    if whole > HARMLESS and whole > LARGEST_RATIO * packed:
        raise IntegrityError(
            f"{path.name} unpacks from {packed:,} to {whole:,} bytes, as a zip bomb does",
            remedy="if it is yours, write it with numpy.savez, which does not compress",
        )


def _pickled(path: Path) -> IntegrityError:
    return IntegrityError(
        f"{path.name} holds a pickle, which runs code when it is read",
        remedy="write numbers as numeric arrays: y as int64, x as float32 or int64",
    )
