"""One step of Adam on a flat parameter vector, in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32

RATE = 1e-3
DECAY = (0.9, 0.999)
EPSILON = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Running means of the gradient and of its square, float32 [P], and room to work in."""

    first: Float32
    second: Float32
    work: Float32

    @classmethod
    def zeros(cls, size: int) -> Moments:
        first, second, work = (np.zeros(size, dtype=np.float32) for _ in range(3))
        return cls(first, second, work)


def step(parameters: Float32, gradient: Float32, moments: Moments, number: int) -> None:
    """The step `number` = 1, 2, … of Kingma & Ba (1412.6980), algorithm 1; spoils `gradient`."""
    keep, keep_square = DECAY
    first, second, work = moments.first, moments.second, moments.work
    first *= keep
    np.multiply(gradient, 1 - keep, out=work)
    first += work
    np.multiply(gradient, gradient, out=gradient)
    gradient *= 1 - keep_square
    second *= keep_square
    second += gradient
    np.sqrt(second, out=work)
    work *= float(1 - keep_square**number) ** -0.5
    work += EPSILON
    np.divide(first, work, out=work)
    work *= RATE / (1 - keep**number)
    parameters -= work
