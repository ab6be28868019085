"""A folder of images with one folder for each class, decoded once into a memory-mapped pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.errors import DataError
from sc_deploy.tasks import archives, cache, pixels, settings
from sc_deploy.tasks.arrays import ArrayTask
from sc_deploy.tasks.faults import Faults
from sc_deploy.tasks.image_layouts import Labelled, divided, is_tiny_imagenet, tiny_imagenet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sc_deploy.contracts import Task
    from sc_deploy.contracts.arrays import UInt8
    from sc_deploy.recipe import TaskSection
    from sc_deploy.recipe.data import ImagesSection

# Its authors published no checksum. This sha256 and size of their file are those which public
# repositories recorded independently of each other and of us.
TINY_IMAGENET: Final = archives.Archive(
    "http://cs231n.stanford.edu",
    (
        archives.Part(
            "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
            "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821",
            248_100_043,
        ),
    ),
    "tiny-imagenet-200",
    ("train", "val/val_annotations.txt"),
)


def load(section: TaskSection) -> Task:
    """The images below `task.path`, whatever of its layouts they are in; classes by name.

    All splits are poured together: roles are drawn by a keyed hash. The pixels, uint8 [N, height,
    width, 3], or [N, height, width] in grayscale, are decoded once into the user's cache and
    memory-mapped from there. Raises DataError listing everything that is wrong.
    """
    settings.require_read(section, "images")
    root = settings.existing(section, "the folder that holds one folder a class")
    layout = tiny_imagenet if is_tiny_imagenet(root) else divided
    return _task(section, layout(root))


def load_tiny_imagenet(section: TaskSection) -> Task:
    """TinyImageNet, fetched first where the recipe says `download: true`. See `load`."""
    settings.require_read(section, "images", "download")
    return _task(section, tiny_imagenet(archives.unpacked(section, TINY_IMAGENET)))


@dataclass(frozen=True, slots=True)
class Pool:
    """The images of a task, all of one `shape`."""

    images: tuple[Labelled, ...]
    section: ImagesSection
    shape: tuple[int, ...]

    def pieces(self) -> Iterator[bytes]:
        """Every image's pixels. Raises DataError at the end, listing those that have none."""
        faults = Faults()
        for image in self.images:
            found = self._decoded(image)
            if isinstance(found, str):
                faults.add(found, "replace or remove these", place=str(image.path))
            else:
                yield found.tobytes()
        if problems := tuple(faults.problems()):
            raise DataError(
                "images of the data set cannot be used",
                remedy="correct them all; nothing was kept of the others",
                problems=problems,
            )

    def _decoded(self, image: Labelled) -> UInt8 | str:
        found = pixels.decode(image.path, self.section)
        if isinstance(found, str) or found.shape == self.shape:
            return found
        here, first = (f"{shape[1]} x {shape[0]}" for shape in (found.shape, self.shape))
        return f"is {here} pixels, the first image {first}: set task.images.size"

    def key(self) -> str:
        """Digest of the files in their order, and of what is made of them."""
        files = (image.path for image in self.images)
        return cache.key(files, self.section.size, self.section.grayscale)


def _task(section: TaskSection, images: tuple[Labelled, ...]) -> ArrayTask:
    asked = section.images
    classes = tuple(sorted({image.label for image in images}))
    number = {name: code for code, name in enumerate(classes)}
    pool = Pool(images, asked, _shape(images, asked))
    normalise = pixels.normalised(asked, channels=1 if asked.grayscale else 3)
    x: NDArray[np.uint8] = cache.mapped(
        cache.folder("images") / f"{pool.key()}.npy",
        (len(images), *pool.shape),
        np.dtype(np.uint8),
        pool.pieces,
    )
    y = np.array([number[image.label] for image in images], np.int64)
    return ArrayTask(section.name, classes, x, y, normalise)


def _shape(images: tuple[Labelled, ...], asked: ImagesSection) -> tuple[int, ...]:
    """That of the first image which can be read; if none can, any will do to list them all."""
    if asked.size is not None:
        return (asked.size, asked.size) if asked.grayscale else (asked.size, asked.size, 3)
    decoded = (pixels.decode(image.path, asked) for image in images)
    return next((found.shape for found in decoded if not isinstance(found, str)), (1, 1))
