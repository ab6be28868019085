"""CIFAR-10 and CIFAR-100 in the binary version of their page (Krizhevsky 2009).

A record is one byte of label (CIFAR-100: coarse, then fine) and 3,072 of pixels: a plane of red,
one of green and one of blue, each 32 x 32. The Python version is pickled and never opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.errors import DataError, Problem
from sc_deploy.tasks import archives, cache, pixels, settings
from sc_deploy.tasks.arrays import ArrayTask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sc_deploy.contracts import Task
    from sc_deploy.contracts.arrays import Float32, Int64, UInt8
    from sc_deploy.recipe import TaskSection

SHAPE: Final = (3, 32, 32)
PIXELS: Final = 3 * 32 * 32
RECORDS: Final = 512
"""Records that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Version:
    """One of the two data sets: its files in order, label bytes a record, names of classes."""

    archive: archives.Archive
    files: tuple[str, ...]
    names: str
    labels: int
    pickled: str

    @property
    def record(self) -> int:
        return self.labels + PIXELS


PAGE: Final = "https://www.cs.toronto.edu/~kriz/cifar.html"
FILES_10: Final = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
FILES_100: Final = ("train.bin", "test.bin")
# sha256 and size: tensorflow_datasets/url_checksums/cifar10.txt and cifar100.txt of
# tensorflow/datasets.
CIFAR_10: Final = Version(
    archives.Archive(
        PAGE,
        (
            archives.Part(
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                170_052_171,
            ),
        ),
        "cifar-10-batches-bin",
        FILES_10,
    ),
    FILES_10,
    "batches.meta.txt",
    1,
    "cifar-10-batches-py",
)
CIFAR_100: Final = Version(
    archives.Archive(
        PAGE,
        (
            archives.Part(
                "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                168_513_733,
            ),
        ),
        "cifar-100-binary",
        FILES_100,
    ),
    FILES_100,
    "fine_label_names.txt",
    2,
    "cifar-100-python",
)


def load_10(section: TaskSection) -> Task:
    """CIFAR-10: uint8 [N, 3, 32, 32], ten classes, training batches before the test batch."""
    return _load(section, CIFAR_10)


def load_100(section: TaskSection) -> Task:
    """CIFAR-100 with its fine labels: uint8 [N, 3, 32, 32], a hundred classes."""
    return _load(section, CIFAR_100)


@dataclass(frozen=True, slots=True)
class Planes:
    """uint8 [n, 3, 32, 32] to float32 of the same shape, by way of `pixels.Normalised`."""

    normalise: pixels.Normalised

    def __call__(self, x: NDArray[np.generic]) -> Float32:
        return self.normalise(np.moveaxis(x, 1, -1))


def _load(section: TaskSection, version: Version) -> ArrayTask:
    settings.require_read(section, "images", "download")
    pixels.require_stored(section, 32)
    folder = archives.unpacked(section, version.archive)
    files = [folder / name for name in version.files]
    classes = _classes(folder, version)
    _require_sound(folder, version, files, classes)
    normalise = pixels.normalised(section.images, channels=3)
    y = np.concatenate([_labels(file, version) for file in files])
    key = cache.key(files)
    x: UInt8 = cache.mapped(
        cache.folder("cifar") / f"{key}.npy",
        (len(y), *SHAPE),
        np.dtype(np.uint8),
        lambda: (piece for file in files for piece in _planes(file, version)),
    )
    return ArrayTask(section.name, classes, x, y, Planes(normalise))


def _records(file: Path, version: Version) -> UInt8:
    return np.memmap(file, np.uint8, mode="r").reshape(-1, version.record)


def _labels(file: Path, version: Version) -> Int64:
    return _records(file, version)[:, version.labels - 1].astype(np.int64)


def _planes(file: Path, version: Version) -> Iterator[bytes]:
    records = _records(file, version)
    for start in range(0, len(records), RECORDS):
        yield records[start : start + RECORDS, version.labels :].tobytes()


def _classes(folder: Path, version: Version) -> tuple[str, ...]:
    path = folder / version.names
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return tuple(line.strip() for line in lines if line.strip())


def _require_sound(
    folder: Path, version: Version, files: Sequence[Path], classes: Sequence[str]
) -> None:
    problems = [problem for file in files for problem in _problems(file, version, len(classes))]
    if not classes:
        problems.append(Problem(str(folder / version.names), "names no classes", "restore it"))
    if problems and _is_pickled(folder, version):
        found = "is the Python version, whose pickles could run code and are never opened"
        problems.append(Problem(str(folder), found, f"get {version.archive.addresses}"))
    if problems:
        raise DataError(
            f"{folder} does not hold {version.archive.folder}",
            remedy=f"unpack {version.archive.addresses} there, or set task.download to true",
            problems=problems,
        )


def _is_pickled(folder: Path, version: Version) -> bool:
    there = (folder / version.pickled, folder / "data_batch_1", folder / "meta")
    return folder.name == version.pickled or any(path.exists() for path in there)


def _problems(file: Path, version: Version, classes: int) -> Iterator[Problem]:
    again = "unpack the archive again"
    if not file.is_file():
        yield Problem(str(file), "is missing", again)
        return
    size = file.stat().st_size
    if not size or size % version.record:
        yield Problem(str(file), f"has {size} bytes, no multiple of {version.record}", again)
    elif (largest := int(_labels(file, version).max())) >= classes > 0:
        yield Problem(str(file), f"has label {largest}, there are {classes} classes", again)
