"""How an image file becomes pixels, and pixels the input of a network."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from sc_deploy.errors import DataError, Problem, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

    from sc_deploy.contracts.arrays import Float32, UInt8
    from sc_deploy.recipe import TaskSection
    from sc_deploy.recipe.data import ImagesSection

# Sixteen bits and floats have no fixed white: turning them into bytes would be a guess.
MODES: Final = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV"})


@dataclass(frozen=True, slots=True)
class Normalised:
    """uint8 [n, height, width] or [n, height, width, 3] to float32 [n, channels, height, width].

    Pixels in [0, 1], less `mean`, divided by `std`: one for all channels, or one for each.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __call__(self, x: NDArray[np.generic]) -> Float32:
        planes = x[:, np.newaxis] if x.ndim == 3 else np.moveaxis(x, -1, 1)
        mean, std = (
            np.array(values, np.float32).reshape(-1, 1, 1) for values in (self.mean, self.std)
        )
        result: Float32 = (planes.astype(np.float32) / np.float32(255) - mean) / std
        return result


def normalised(section: ImagesSection, *, channels: int) -> Normalised:
    """The normalisation of a recipe. Raises DataError if it is for other channels."""
    problems = tuple(
        Problem(f"task.images.{name}", f"has {len(values)} values", f"give 1 or {channels}")
        for name, values in (("mean", section.mean), ("std", section.std))
        if len(values) not in (1, channels)
    )
    if problems:
        raise DataError(
            f"the images have {channels} channels", remedy="correct these", problems=problems
        )
    return Normalised(section.mean, section.std)


def require_stored(section: TaskSection, size: int) -> None:
    """Raise DataError where a recipe asks for other images than a data set holds as arrays."""
    if section.images.size not in (None, size) or section.images.grayscale:
        raise DataError(
            f"task {section.name!r} has colour images of {size} x {size} pixels",
            remedy="leave task.images.size and task.images.grayscale out",
        )


def decode(source: Path | BinaryIO, section: ImagesSection) -> UInt8 | str:
    """The pixels uint8 [height, width] or [height, width, 3], or what is wrong with the image."""
    _require_pillow()
    from PIL import Image

    unreadable = (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError)
    try:
        with Image.open(source) as image:
            if image.mode not in MODES:
                return f"has pixels of kind {image.mode!r}, not of 8 bits"
            return np.asarray(_sized(_coloured(image, section), section.size))
    except unreadable as error:
        return f"cannot be read ({type(error).__name__})"


def _coloured(image: Image, section: ImagesSection) -> Image:
    # A palette whose transparency is bytes must become RGBA before anything else.
    full = image.convert("RGBA") if image.mode in ("P", "PA") else image
    return full.convert("L" if section.grayscale else "RGB")


def _sized(image: Image, size: int | None) -> Image:
    if size is None or image.size == (size, size):
        return image
    from PIL.Image import Resampling

    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    # Cut first: a box of `resize` would let what is cut off shine through at the edges.
    square = image.crop((left, top, left + side, top + side))
    # Pillow's bilinear filter widens with the scale, so that shrinking does not alias.
    return square.resize((size, size), Resampling.BILINEAR)


def _require_pillow() -> None:
    try:
        import PIL  # noqa: F401
    except ImportError as error:
        raise UnavailableError(
            f"images cannot be read: {error}", remedy="pip install 'scdeploy[data]'"
        ) from error
