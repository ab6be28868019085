"""Published data sets: fetched on request, verified, and only then unpacked."""

from __future__ import annotations

import hashlib
import http.client
import tarfile
import tempfile
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from sc_deploy.errors import DataError, IntegrityError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sc_deploy.recipe import TaskSection

CHUNK: Final = 1 << 20
TIMEOUT: Final = 60.0
"""Seconds without a byte after which a server counts as gone."""
TARS: Final = (".tar.gz", ".tgz")


@dataclass(frozen=True, slots=True)
class Part:
    """A file at `url` with this sha256 and `size` in bytes: `.tar.gz`, `.tgz`, `.zip` or plain."""

    url: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Archive:
    """A data set: unpacked, its `parts` are one `folder`, in which all of `contents` lie.

    `page` says where it is published; plain parts go into the folder as they are.
    """

    page: str
    parts: tuple[Part, ...]
    folder: str
    contents: tuple[str, ...]

    @property
    def addresses(self) -> str:
        return " and ".join(part.url for part in self.parts)

    def lies_in(self, place: Path) -> bool:
        return all((place / name).exists() for name in self.contents)


def unpacked(section: TaskSection, archive: Archive) -> Path:
    """The folder of the data set: `task.path` itself, or the archive's folder in it.

    Where neither is there and the recipe says `download: true`, the archive is fetched into
    `task.path` first. Raises DataError, UnavailableError without a network, or IntegrityError
    if what came is not what was published.
    """
    if section.path is None:
        raise DataError(
            f"task {section.name!r} needs a folder",
            remedy=f"set task.path to where {archive.folder} is or shall be",
        )
    root = Path(section.path)
    for place in (root / archive.folder, root):
        if archive.lies_in(place):
            return place
    # What is there in part is for the task to name, never for a download to replace.
    if (root / archive.folder).is_dir():
        return root / archive.folder
    if root.is_dir() and (root.name == archive.folder or not section.download):
        return root
    if not section.download:
        raise DataError(
            f"task.path: there is no folder {root}",
            remedy=f"unpack {archive.addresses} there, or set task.download to true",
        )
    return fetch(archive, root)


def fetch(archive: Archive, root: Path, *, timeout: float = TIMEOUT) -> Path:
    """Put the archive's folder into `root`, whole or not at all, and return it.

    `timeout`: seconds without a byte. Raises UnavailableError or IntegrityError.
    """
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".download.") as scratch:
        content = Path(scratch) / "content"
        made = content / archive.folder
        for part in archive.parts:
            file = Path(scratch) / part.name
            _download(archive, part, file, timeout)
            _place(part, file, content, made)
        if not archive.lies_in(made):
            raise IntegrityError(
                f"{archive.addresses} holds no folder {archive.folder} with "
                f"{', '.join(archive.contents)}",
                remedy="report this to us",
            )
        return made.rename(root / archive.folder)


def _download(archive: Archive, part: Part, file: Path, timeout: float) -> None:
    state, received = hashlib.sha256(), 0
    try:
        # The address is ours, not a user's, and what comes is held against its digest.
        with (
            urllib.request.urlopen(part.url, timeout=timeout) as answer,  # noqa: S310
            file.open("wb") as target,
        ):
            # One byte more than was published is enough to know that it is something else.
            while chunk := cast("BinaryIO", answer).read(min(CHUNK, part.size + 1 - received)):
                received += len(chunk)
                state.update(chunk)
                target.write(chunk)
    # HTTPException is no OSError: a connection that breaks in the middle.
    except (OSError, http.client.HTTPException) as error:
        raise _unavailable(archive, part, str(error)) from error
    if received < part.size:
        raise _unavailable(archive, part, f"it ended after {received:,} of {part.size:,} bytes")
    if received > part.size or state.hexdigest() != part.sha256:
        found = f"sha256 {state.hexdigest()}" if received == part.size else "more bytes"
        raise IntegrityError(
            f"{part.url} has {found}, expected sha256 {part.sha256} of {part.size:,} bytes",
            remedy="try again; if it stays so, do not use it: it is not what was published",
        )


def _unavailable(archive: Archive, part: Part, why: str) -> UnavailableError:
    plain = all(piece.name in archive.contents for piece in archive.parts)
    then = f"put them into a folder {archive.folder}" if plain else "unpack it"
    return UnavailableError(
        f"{part.url} cannot be fetched: {why}",
        remedy=f"fetch {archive.addresses} where there is a network (published at "
        f"{archive.page}), {then}, and let task.path be the folder with "
        f"{archive.folder} in it, which holds {', '.join(archive.contents)}",
    )


def _place(part: Part, file: Path, content: Path, made: Path) -> None:
    """Unpack an archive into `content`, or move a plain file to `made`."""
    try:
        if part.name.endswith(".zip"):
            with zipfile.ZipFile(file) as packed:
                _require_inside(part, packed.namelist())
                packed.extractall(content)  # noqa: S202 (every name was looked at)
        elif part.name.endswith(TARS):
            with tarfile.open(file) as members:
                _require_plain(part, members)
                members.extractall(content)  # noqa: S202 (every member was looked at)
        else:
            made.mkdir(parents=True, exist_ok=True)
            file.rename(made / part.name)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise IntegrityError(
            f"{part.url} cannot be unpacked: {error}",
            remedy="report this to us: it is what was published, by its sha256",
        ) from error
    # The packed file and what is in it need not lie there together.
    file.unlink(missing_ok=True)


def _require_plain(part: Part, members: tarfile.TarFile) -> None:
    """Plain files and folders below the folder, and nothing else. Raises IntegrityError.

    tarfile's own filter came with Python 3.11.4, and Debian 12 has 3.11.2.
    """
    strange = [m.name for m in members if not (m.isfile() or m.isdir())]
    _require_none(part, strange)
    _require_inside(part, members.getnames())


def _require_inside(part: Part, names: Iterable[str]) -> None:
    paths = {name: PurePosixPath(name.replace("\\", "/")) for name in names}
    _require_none(
        part, [n for n, path in paths.items() if path.is_absolute() or ".." in path.parts]
    )


def _require_none(part: Part, strange: list[str]) -> None:
    if strange:
        raise IntegrityError(
            f"{part.url} holds {', '.join(map(repr, strange[:20]))}: no plain files of its own "
            "folder",
            remedy="do not use it; nothing of it was unpacked",
        )
