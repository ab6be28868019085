from __future__ import annotations

import hashlib
import io
import tarfile
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sc_deploy.errors import DataError, IntegrityError, UnavailableError
from sc_deploy.recipe import TaskSection
from sc_deploy.tasks import archives
from sc_deploy.tasks.archives import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its signature)
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which it is served on this machine."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def published(server: tuple[Path, str], name: str, member: str = "toy/a.bin") -> Archive:
    folder, address = server
    file = folder / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(file, "w") as content:
            content.writestr(member, b"data")
    else:
        with tarfile.open(file, "w:gz") as tar:
            entry = tarfile.TarInfo(member)
            entry.size = 4
            tar.addfile(entry, io.BytesIO(b"data"))
    return Archive(f"{address}/{name}", hashlib.sha256(file.read_bytes()).hexdigest(), "toy")


def asked(path: Path, *, download: bool) -> TaskSection:
    return TaskSection(name="toy", path=str(path), download=download)


@pytest.mark.parametrize("name", ["toy.tar.gz", "toy.zip"])
def test_an_archive_is_fetched_once_and_unpacked(
    server: tuple[Path, str], tmp_path: Path, name: str
) -> None:
    archive, into = published(server, name), tmp_path / "data"
    found = archives.unpacked(asked(into, download=True), archive)
    assert (found / "a.bin").read_bytes() == b"data"
    assert list(into.iterdir()) == [into / "toy"]
    (server[0] / name).unlink()
    assert archives.unpacked(asked(into, download=True), archive) == found


def test_another_archive_is_never_unpacked(server: tuple[Path, str], tmp_path: Path) -> None:
    archive = published(server, "toy.tar.gz")
    wrong = Archive(archive.url, "0" * 64, "toy")
    with pytest.raises(IntegrityError, match="expected 0000"):
        archives.unpacked(asked(tmp_path / "data", download=True), wrong)
    assert not list((tmp_path / "data").iterdir())


def test_members_that_lead_outside_are_refused(server: tuple[Path, str], tmp_path: Path) -> None:
    archive = published(server, "toy.tar.gz", member="../../escaped")
    with pytest.raises(IntegrityError, match="escaped"):
        archives.fetch(archive, tmp_path / "data")
    assert not list(tmp_path.rglob("escaped"))


def test_without_a_network_the_way_out_is_told(tmp_path: Path) -> None:
    archive = Archive("http://127.0.0.1:1/toy.zip", "0" * 64, "toy")
    with pytest.raises(UnavailableError, match="fetch it where there is a network"):
        archives.unpacked(asked(tmp_path, download=True), archive)
    assert not list(tmp_path.iterdir())


def test_nothing_is_fetched_unasked(tmp_path: Path) -> None:
    archive = Archive("http://127.0.0.1:1/toy.zip", "0" * 64, "toy")
    with pytest.raises(DataError, match=r"task\.download"):
        archives.unpacked(asked(tmp_path / "none", download=False), archive)
    with pytest.raises(DataError, match="needs a folder"):
        archives.unpacked(TaskSection(name="toy", download=True), archive)
    assert archives.unpacked(asked(tmp_path, download=False), archive) == tmp_path
