"""STL-10 in the binary version of its page (Coates, Ng and Lee 2011): its labelled images.

A record is 27,648 bytes: a plane of red, one of green and one of blue, each 96 x 96 by columns.
Labels are bytes from 1 to 10. The unlabelled images are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.errors import DataError, Problem
from sc_deploy.tasks import archives, cache, pixels, settings
from sc_deploy.tasks.arrays import ArrayTask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sc_deploy.contracts import Task
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.recipe import TaskSection

SIDE: Final = 96
RECORD: Final = 3 * SIDE * SIDE
RECORDS: Final = 256
"""Records that are in memory at once."""
SPLITS: Final = ("train", "test")
NAMES: Final = "class_names.txt"
# sha256 and size: tensorflow_datasets/url_checksums/stl10.txt of tensorflow/datasets.
STL_10: Final = archives.Archive(
    "https://cs.stanford.edu/~acoates/stl10",
    (
        archives.Part(
            "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
            "f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866",
            2_640_397_119,
        ),
    ),
    "stl10_binary",
    (NAMES, *(f"{split}_{kind}.bin" for split in SPLITS for kind in "Xy")),
)


def load(section: TaskSection) -> Task:
    """STL-10: uint8 [N, 96, 96, 3], ten classes, training images before those of the test.

    Raises DataError listing everything that is wrong with the files.
    """
    settings.require_read(section, "images", "download")
    pixels.require_stored(section, SIDE)
    folder = archives.unpacked(section, STL_10)
    problems = list(_problems(folder))
    if problems:
        raise DataError(
            f"{folder} does not hold STL-10",
            remedy=f"unpack {STL_10.addresses} there, or set task.download to true",
            problems=problems,
        )
    images = [folder / f"{split}_X.bin" for split in SPLITS]
    y = np.concatenate([_labels(folder, split) for split in SPLITS])
    x: NDArray[np.uint8] = cache.mapped(
        cache.folder("stl-10") / f"{cache.key(images)}.npy",
        (len(y), SIDE, SIDE, 3),
        np.dtype(np.uint8),
        lambda: (piece for file in images for piece in _pieces(file)),
    )
    normalise = pixels.normalised(section.images, channels=3)
    return ArrayTask(section.name, _classes(folder), x, y, normalise)


def _labels(folder: Path, split: str) -> Int64:
    return np.fromfile(folder / f"{split}_y.bin", np.uint8).astype(np.int64) - 1


def _classes(folder: Path) -> tuple[str, ...]:
    lines = (folder / NAMES).read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip())


def _pieces(file: Path) -> Iterator[bytes]:
    records = np.memmap(file, np.uint8, mode="r").reshape(-1, 3, SIDE, SIDE)
    for start in range(0, len(records), RECORDS):
        # Planes by columns: [n, channel, column, row] to [n, row, column, channel].
        yield records[start : start + RECORDS].transpose(0, 3, 2, 1).tobytes()


def _problems(folder: Path) -> Iterator[Problem]:
    again = "unpack the archive again"
    missing = [name for name in STL_10.contents if not (folder / name).is_file()]
    if missing:
        yield from (Problem(str(folder / name), "is missing", again) for name in missing)
        return
    classes = len(_classes(folder))
    for split in SPLITS:
        labels, size = _labels(folder, split), (folder / f"{split}_X.bin").stat().st_size
        if not len(labels) or size != len(labels) * RECORD:
            found = f"has {size:,} bytes, {len(labels)} labels are for {len(labels) * RECORD:,}"
            yield Problem(str(folder / f"{split}_X.bin"), found, again)
        elif labels.min() < 0 or labels.max() >= classes:
            found = f"has labels outside of 1 to {classes}"
            yield Problem(str(folder / f"{split}_y.bin"), found, again)
