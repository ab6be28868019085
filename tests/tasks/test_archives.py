from __future__ import annotations

import hashlib
import io
import socket
import tarfile
import zipfile
from pathlib import Path

import pytest

from sc_deploy.errors import DataError, IntegrityError, UnavailableError
from sc_deploy.recipe import TaskSection
from sc_deploy.tasks import archives, cifar, image_folder, published_texts, stl10, svhn
from sc_deploy.tasks.archives import Archive, Part

PUBLISHED = (
    cifar.CIFAR_10.archive, cifar.CIFAR_100.archive, image_folder.TINY_IMAGENET,
    published_texts.AG_NEWS.archive, published_texts.YELP_5.archive, stl10.STL_10, svhn.SVHN,
)  # fmt: skip


def packed(file: Path, members: dict[str, bytes]) -> None:
    if file.suffix == ".zip":
        with zipfile.ZipFile(file, "w") as content:
            for name, data in members.items():
                content.writestr(name, data)
        return
    with tarfile.open(file, "w:gz") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def part(address: str, file: Path, *, more: int = 0) -> Part:
    content = file.read_bytes()
    url = f"{address}/{file.name}"
    return Part(url, hashlib.sha256(content).hexdigest(), len(content) + more)


def published(server: tuple[Path, str], name: str, member: str = "toy/a.bin") -> Archive:
    folder, address = server
    packed(folder / name, {member: b"data"})
    return toy(part(address, folder / name))


def toy(*parts: Part, contents: tuple[str, ...] = ("a.bin",)) -> Archive:
    return Archive("http://page.invalid", parts, "toy", contents)


def asked(path: Path, *, download: bool) -> TaskSection:
    return TaskSection(name="toy", path=str(path), download=download)


@pytest.mark.parametrize("name", ["toy.tar.gz", "toy.tgz", "toy.zip"])
def test_an_archive_is_fetched_once_and_unpacked(
    server: tuple[Path, str], tmp_path: Path, name: str
) -> None:
    archive, into = published(server, name), tmp_path / "data"
    found = archives.unpacked(asked(into, download=True), archive)
    assert (found / "a.bin").read_bytes() == b"data"
    assert list(into.iterdir()) == [into / "toy"]
    (server[0] / name).unlink()
    assert archives.unpacked(asked(into, download=True), archive) == found
    # The folder itself will do as well, whatever it is called.
    moved = found.rename(tmp_path / "elsewhere")
    assert archives.unpacked(asked(moved, download=True), archive) == moved


def test_plain_files_make_up_one_folder_or_nothing(
    server: tuple[Path, str], tmp_path: Path
) -> None:
    folder, address = server
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(name)
    parts = tuple(part(address, folder / name) for name in ("a.csv", "b.csv"))
    archive, into = toy(*parts, contents=("a.csv", "b.csv")), tmp_path / "data"
    (folder / "b.csv").write_text("B.csv")
    with pytest.raises(IntegrityError, match=r"b\.csv has sha256"):
        archives.unpacked(asked(into, download=True), archive)
    assert not list(into.iterdir())
    (folder / "b.csv").write_text("b.csv")
    made = archives.unpacked(asked(into, download=True), archive)
    assert sorted(path.name for path in made.iterdir()) == ["a.csv", "b.csv"]


def test_another_archive_is_never_unpacked(server: tuple[Path, str], tmp_path: Path) -> None:
    right = published(server, "toy.tar.gz").parts[0]
    wrong = toy(Part(right.url, "0" * 64, right.size))
    with pytest.raises(IntegrityError, match="expected sha256 0000"):
        archives.unpacked(asked(tmp_path / "data", download=True), wrong)
    assert not list((tmp_path / "data").iterdir())


def test_no_more_is_taken_than_was_published(server: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = server
    (folder / "a.bin").write_bytes(bytes(3 << 20))
    endless = part(address, folder / "a.bin", more=-1)
    with pytest.raises(IntegrityError, match="has more bytes, expected"):
        archives.fetch(toy(endless), tmp_path / "data")
    assert not list((tmp_path / "data").iterdir())


def test_a_transfer_that_breaks_off_leaves_nothing(
    server: tuple[Path, str], tmp_path: Path
) -> None:
    folder, address = server
    (folder / "a.bin").write_bytes(b"half")
    with pytest.raises(UnavailableError, match="ended after 4 of 8 bytes"):
        archives.fetch(toy(part(address, folder / "a.bin", more=4)), tmp_path / "data")
    assert not list((tmp_path / "data").iterdir())


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/toy.zip"
        with pytest.raises(UnavailableError, match="timed out"):
            archives.fetch(toy(Part(url, "0" * 64, 9)), tmp_path, timeout=0.2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["toy.tar.gz", "toy.zip"])
@pytest.mark.parametrize("member", ["../../escaped", "toy/../../../escaped", "/tmp/escaped"])
def test_members_that_lead_outside_are_refused(
    server: tuple[Path, str], tmp_path: Path, name: str, member: str
) -> None:
    archive = published(server, name, member=member)
    with pytest.raises(IntegrityError, match="escaped"):
        archives.fetch(archive, tmp_path / "data")
    assert not list(tmp_path.rglob("escaped"))
    assert not list((tmp_path / "data").iterdir())


def test_links_in_an_archive_are_refused(server: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = server
    with tarfile.open(folder / "toy.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo("toy/a.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    with pytest.raises(IntegrityError, match="no plain files"):
        archives.fetch(toy(part(address, folder / "toy.tar.gz")), tmp_path / "data")


@pytest.mark.parametrize("name", ["toy.tar.gz", "toy.zip"])
def test_what_cannot_be_unpacked_or_lacks_files_is_told(
    server: tuple[Path, str], tmp_path: Path, name: str
) -> None:
    folder, address = server
    with pytest.raises(IntegrityError, match=r"no folder toy with a\.bin"):
        archives.fetch(published(server, name, member="toy/b.bin"), tmp_path / "data")
    (folder / name).write_bytes(b"neither")
    with pytest.raises(IntegrityError, match="cannot be unpacked"):
        archives.fetch(toy(part(address, folder / name)), tmp_path / "data")
    assert not list((tmp_path / "data").iterdir())


def test_without_a_network_the_way_out_is_told(tmp_path: Path) -> None:
    archive = toy(Part("http://127.0.0.1:1/toy.zip", "0" * 64, 9))
    with pytest.raises(UnavailableError) as caught:
        archives.unpacked(asked(tmp_path, download=True), archive)
    for said in ("127.0.0.1:1/toy.zip where there is a network", "page.invalid", "a.bin"):
        assert said in caught.value.remedy
    assert not list(tmp_path.iterdir())


def test_nothing_is_fetched_unasked(tmp_path: Path) -> None:
    archive = toy(Part("http://127.0.0.1:1/toy.zip", "0" * 64, 9))
    with pytest.raises(DataError, match=r"task\.download"):
        archives.unpacked(asked(tmp_path / "none", download=False), archive)
    with pytest.raises(DataError, match="needs a folder"):
        archives.unpacked(TaskSection(name="toy", download=True), archive)
    assert archives.unpacked(asked(tmp_path, download=False), archive) == tmp_path


def test_what_is_there_in_part_is_not_replaced(tmp_path: Path) -> None:
    archive = toy(Part("http://127.0.0.1:1/toy.zip", "0" * 64, 9))
    (tmp_path / "toy").mkdir()
    assert archives.unpacked(asked(tmp_path, download=True), archive) == tmp_path / "toy"


@pytest.mark.parametrize("archive", PUBLISHED, ids=lambda archive: archive.folder)
def test_every_data_set_has_a_whole_checksum_and_a_size(archive: Archive) -> None:
    assert archive.contents
    for piece in archive.parts:
        assert len(bytes.fromhex(piece.sha256)) == hashlib.sha256().digest_size
        assert piece.size > 1_000_000
        assert piece.name.endswith((".tar.gz", ".tgz", ".zip")) or piece.name in archive.contents
