"""Images moved, turned and mirrored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32, NetworkInput

REACH: Final = 2
DEGREES: Final = (-10.0, -5.0, 5.0, 10.0)
SIDE: Final = 32
# (dy, dx) with |dy| + |dx| = d for d up to REACH, the unmoved image first.
MOVES: Final = tuple(
    sorted(
        (
            (dy, dx)
            for dy in range(-REACH, REACH + 1)
            for dx in range(-REACH, REACH + 1)
            if abs(dy) + abs(dx) <= REACH
        ),
        key=lambda move: (abs(move[0]) + abs(move[1]), move),
    )
)


@dataclass(frozen=True, slots=True)
class ImageViews:
    """Views of float32 [n, C, H, W] whose longer side has `side` pixels.

    Choquette-Choo et al. (2007.14321): all moves with |dx| + |dy| = d, here for d = 1 and 2 on
    images of 32 pixels and in proportion on larger ones; turns by 5 and 10 degrees; the mirror
    image. Pixels that come in from outside repeat the edge.
    """

    side: int

    @property
    def count(self) -> int:
        return len(MOVES) + len(DEGREES) + 1

    def altered(self, samples: NetworkInput, number: int) -> Float32:
        values = samples.astype(np.float32, copy=False)
        if number < len(MOVES):
            return _moved(values, *(max(1, self.side // SIDE) * step for step in MOVES[number]))
        turn = number - len(MOVES)
        if turn < len(DEGREES):
            return _turned(values, DEGREES[turn])
        return np.ascontiguousarray(values[:, :, :, ::-1])


def _moved(values: Float32, down: int, right: int) -> Float32:
    height, width = values.shape[2:]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return np.ascontiguousarray(values[:, :, rows[:, None], columns])


def _turned(values: Float32, degrees: float) -> Float32:
    turned = ndimage.rotate(values, degrees, axes=(2, 3), reshape=False, order=1, mode="nearest")
    return np.asarray(turned, dtype=np.float32)
