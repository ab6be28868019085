"""Runs a third-party converter: in silence, and with every failure a ConversionError."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from sc_deploy.errors import ConversionError, InferenceError, ScDeployError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAIL_LINES = 12


@contextmanager
def converting(what: str) -> Iterator[None]:
    """The body may warn, log and print as it likes; what it said is shown only if it fails.

    Any exception that is not ours becomes a ConversionError with that exception as its cause.
    """
    with tempfile.TemporaryFile() as said, silenced(said):
        try:
            yield
        except ScDeployError:
            raise
        except Exception as error:
            raise ConversionError(
                f"{what} failed: {type(error).__name__}: {_first_line(error)}{_tail(said)}",
                remedy="simplify the network around the operation named above, "
                "or choose another format of the target with --format",
            ) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Any exception of the body, but ours, becomes an InferenceError about this file."""
    with tempfile.TemporaryFile() as said, silenced(said):
        try:
            yield
        except ScDeployError:
            raise
        except Exception as error:
            raise InferenceError(
                f"{path.name} cannot be read: {type(error).__name__}: {_first_line(error)}",
                remedy="export it again; if it was good before, find out who changed it",
            ) from error


@contextmanager
def silenced(sink: IO[bytes]) -> Iterator[None]:
    """Send stdout, stderr, logging and warnings of the whole process into `sink`.

    At the level of file descriptors, because the native parts of converters write there.
    """
    level = logging.root.manager.disable
    with warnings.catch_warnings(), _redirected(1, sink), _redirected(2, sink):
        warnings.simplefilter("ignore")
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(level)


def require_written(folder: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, if each is a file that is not empty: a converter's word is no proof."""
    absent = [name for name in names if not _has_content(folder / name)]
    if absent:
        raise ConversionError(
            f"the converter reported success but wrote no {', '.join(absent)}",
            remedy="look for free space on the disk, then try again with -v",
        )
    return names


@contextmanager
def _redirected(descriptor: int, sink: IO[bytes]) -> Iterator[None]:
    _flush()
    saved = os.dup(descriptor)
    os.dup2(sink.fileno(), descriptor)
    try:
        yield
    finally:
        _flush()
        os.dup2(saved, descriptor)
        os.close(saved)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300] or "no message"


def _tail(said: IO[bytes]) -> str:
    _flush()
    said.seek(0)
    lines = said.read().decode(errors="replace").splitlines()[-TAIL_LINES:]
    return "".join(f"\n  | {line}" for line in lines)
