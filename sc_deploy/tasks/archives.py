"""Published archives of data sets: fetched on request, verified, and only then unpacked."""

from __future__ import annotations

import hashlib
import http.client
import tarfile
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from sc_deploy.errors import DataError, IntegrityError, UnavailableError

if TYPE_CHECKING:
    from sc_deploy.recipe import TaskSection

CHUNK: Final = 1 << 20
TIMEOUT: Final = 60.0
"""Seconds without a byte after which a server counts as gone."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A `.tar.gz` or `.zip` at `url` with this sha256; unpacked, it is one `folder`."""

    url: str
    sha256: str
    folder: str


def unpacked(section: TaskSection, archive: Archive) -> Path:
    """The folder of the data set: `task.path` itself, or the archive's folder in it.

    Where neither is there and the recipe says `download: true`, the archive is fetched into
    `task.path` first. Raises DataError, UnavailableError without a network, or IntegrityError
    if what came is not the archive that was published.
    """
    if section.path is None:
        raise DataError(
            f"task {section.name!r} needs a folder",
            remedy=f"set task.path to where {archive.folder} is or shall be",
        )
    root = Path(section.path)
    if (root / archive.folder).is_dir():
        return root / archive.folder
    if root.is_dir() and (root.name == archive.folder or not section.download):
        return root
    if not section.download:
        raise DataError(
            f"task.path: there is no folder {root}",
            remedy=f"unpack {archive.url} there, or set task.download to true",
        )
    fetch(archive, root)
    return root / archive.folder


def fetch(archive: Archive, root: Path) -> None:
    """Put the archive's folder into `root`, whole or not at all."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".download.") as scratch:
        file = Path(scratch) / "archive"
        _download(archive, file)
        _extract(archive, file, Path(scratch) / "content")
        made = Path(scratch) / "content" / archive.folder
        if not made.is_dir():
            raise IntegrityError(
                f"{archive.url} holds no folder {archive.folder}", remedy="report this to us"
            )
        made.rename(root / archive.folder)


def _download(archive: Archive, file: Path) -> None:
    state = hashlib.sha256()
    try:
        # The address is ours, not a user's, and what comes is held against its digest.
        with (
            urllib.request.urlopen(archive.url, timeout=TIMEOUT) as answer,  # noqa: S310
            file.open("wb") as target,
        ):
            while chunk := cast("BinaryIO", answer).read(CHUNK):
                state.update(chunk)
                target.write(chunk)
    # HTTPException is no OSError: a connection that breaks in the middle.
    except (OSError, http.client.HTTPException) as error:
        raise UnavailableError(
            f"{archive.url} cannot be fetched: {error}",
            remedy=f"fetch it where there is a network, unpack it, and let task.path be the "
            f"folder with {archive.folder} in it",
        ) from error
    if state.hexdigest() != archive.sha256:
        raise IntegrityError(
            f"{archive.url} has sha256 {state.hexdigest()}, expected {archive.sha256}",
            remedy="try again; if it stays so, do not use it: it is not what was published",
        )


def _extract(archive: Archive, file: Path, folder: Path) -> None:
    folder.mkdir()
    if archive.url.endswith(".zip"):
        with zipfile.ZipFile(file) as content:
            # Members that lead out of the folder lose that part of their names here.
            content.extractall(folder)  # noqa: S202
    else:
        with tarfile.open(file) as content:
            _require_inside(archive, content)
            content.extractall(folder)  # noqa: S202


def _require_inside(archive: Archive, content: tarfile.TarFile) -> None:
    """Plain files and folders below the folder, and nothing else. Raises IntegrityError.

    tarfile's own filter came with Python 3.11.4, and Debian 12 has 3.11.2.
    """
    for member in content:
        path = PurePosixPath(member.name)
        plain = member.isfile() or member.isdir()
        if not plain or path.is_absolute() or ".." in path.parts:
            raise IntegrityError(
                f"{archive.url} holds {member.name!r}, which is no plain file of its own folder",
                remedy="do not use it; nothing of it was unpacked",
            )
