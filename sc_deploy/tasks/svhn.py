"""SVHN's cropped digits (Netzer et al. 2011): `train_32x32.mat` and `test_32x32.mat`.

A file holds X uint8 [32, 32, 3, N] and y [N, 1], where 10 stands for the digit 0. The `extra`
digits are easier and come from elsewhere: they are not read.
"""

from __future__ import annotations

import struct
import zlib
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
    from sc_deploy.contracts.arrays import Int64, UInt8
    from sc_deploy.recipe import TaskSection

PAGE: Final = "http://ufldl.stanford.edu/housenumbers"
FILES: Final = ("train_32x32.mat", "test_32x32.mat")
CLASSES: Final = tuple("0123456789")
ZERO: Final = 10
AGAIN: Final = "copy or download the file again"
# sha256 and size: tensorflow_datasets/url_checksums/svhn_cropped.txt of tensorflow/datasets.
SVHN: Final = archives.Archive(
    PAGE,
    (
        archives.Part(
            f"{PAGE}/train_32x32.mat",
            "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
            182_040_794,
        ),
        archives.Part(
            f"{PAGE}/test_32x32.mat",
            "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
            64_275_384,
        ),
    ),
    "svhn",
    FILES,
)


def load(section: TaskSection) -> Task:
    """SVHN: uint8 [N, 32, 32, 3], ten digits, training images before those of the test.

    Raises DataError listing everything that is wrong with the files.
    """
    settings.require_read(section, "images", "download")
    pixels.require_stored(section, 32)
    folder = archives.unpacked(section, SVHN)
    normalise = pixels.normalised(section.images, channels=3)
    files = [folder / name for name in FILES]
    y = _labels(files)
    x: NDArray[np.uint8] = cache.mapped(
        cache.folder("svhn") / f"{cache.key(files)}.npy",
        (len(y), 32, 32, 3),
        np.dtype(np.uint8),
        lambda: (_variable(file, "X").transpose(3, 0, 1, 2).tobytes() for file in files),
    )
    return ArrayTask(section.name, CLASSES, x, y, normalise)


def _labels(files: Sequence[Path]) -> Int64:
    problems = [problem for file in files for problem in _problems(file)]
    if problems:
        raise DataError(
            "the files of SVHN cannot be used",
            remedy=f"fetch them from {PAGE}, or set task.download to true with a task.path that "
            "holds nothing of it",
            problems=problems,
        )
    digits = np.concatenate([_variable(file, "y").reshape(-1) for file in files]).astype(np.int64)
    return np.where(digits == ZERO, 0, digits)


def _problems(file: Path) -> Iterator[Problem]:
    from scipy.io import whosmat
    from scipy.io.matlab import MatReadError

    if not file.is_file():
        yield Problem(str(file), "is missing", "put it there, or correct task.path")
        return
    try:
        shapes = {name: tuple(shape) for name, shape, _ in whosmat(file)}
        digits = _variable(file, "y") if "y" in shapes else np.empty(0, np.uint8)
    # A file of MATLAB 7.3 is HDF5, which scipy names by NotImplementedError.
    except (
        OSError, ValueError, TypeError, KeyError, zlib.error, struct.error, MatReadError,
        NotImplementedError,
    ) as error:  # fmt: skip
        yield Problem(str(file), f"cannot be read ({type(error).__name__})", AGAIN)
        return
    expected = (32, 32, 3, digits.size)
    if not digits.size or shapes.get("X") != expected:
        found = f"holds X of {shapes.get('X')} and {digits.size} labels y"
        yield Problem(str(file), found, "give the cropped digits of format 2")
    elif not ((digits >= 1) & (digits <= ZERO)).all():
        yield Problem(str(file), "has labels other than 1 to 10", AGAIN)


def _variable(file: Path, name: str) -> UInt8:
    from scipy.io import loadmat

    found: UInt8 = loadmat(file, variable_names=[name])[name]
    return found
