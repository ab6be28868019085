"""One IDX file of bytes, plain or gzip: its header, its content in pieces, what is wrong with it.

The format is that of LeCun's MNIST page: two zero bytes, a type code (8: unsigned byte), the
number of dimensions, each dimension as a big-endian uint32, then the values.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, BinaryIO, cast

from sc_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 1 << 20
UNREADABLE = (OSError, EOFError, zlib.error, struct.error)
AGAIN = "copy or download the file again"


@dataclass(frozen=True, slots=True)
class IdxFile:
    """A file whose header was read; `shape` is what the header promises."""

    path: Path
    shape: tuple[int, ...]

    def chunks(self) -> Iterator[bytes]:
        """The values as bytes, in pieces of at most 1 MiB. Raises one of UNREADABLE."""
        with _open(self.path) as stream:
            stream.read(4 + 4 * len(self.shape))
            while chunk := stream.read(CHUNK):
                yield chunk


def examine(path: Path, *, dimensions: int) -> IdxFile | Problem:
    """The header of a file of unsigned bytes with that many dimensions, or what is wrong."""
    expected = bytes((0, 0, 8, dimensions))
    try:
        with _open(path) as stream:
            magic = stream.read(4)
            if magic != expected:
                return Problem(
                    str(path),
                    f"begins with {magic.hex() or 'nothing'}, expected {expected.hex()}",
                    f"give an IDX file of unsigned bytes with {dimensions} dimensions",
                )
            shape = struct.unpack(f">{dimensions}I", stream.read(4 * dimensions))
    except UNREADABLE as error:
        return Problem(str(path), f"has no readable header: {error}", AGAIN)
    return IdxFile(path, shape)


def damage(file: IdxFile) -> Problem | None:
    """What is wrong with the content, reading all of it, or None."""
    try:
        found = sum(len(chunk) for chunk in file.chunks())
    except UNREADABLE as error:
        return Problem(str(file.path), f"ends too early or is damaged: {error}", AGAIN)
    if found != prod(file.shape):
        what = f"holds {found} values, its header promises {prod(file.shape)} {list(file.shape)}"
        return Problem(str(file.path), what, AGAIN)
    return None


def _open(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")
