"""A small audit that every detector finds in order, and samples of two sides that are alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pytest

from sc_deploy.audit.detectors.samples import Samples, Sides

# Any: the types of fixtures live in a conftest.py, which tests cannot import.


class Draw(Protocol):
    def __call__(self, n: int, width: int = ..., *, seed: int = ...) -> Sides: ...


@pytest.fixture
def given(plant: Any, world: Any) -> Any:
    return plant(replace(world, audit=200, calibration=100, test=300))


@pytest.fixture(scope="session")
def alike() -> Draw:
    """Pictures in a row of pixels, each n on either side, drawn from one pool: skewed values,
    neighbours that resemble each other, one column that is always the same."""

    def draw(n: int, width: int = 16, *, seed: int = 0) -> Sides:
        rng = np.random.default_rng(seed)
        noise = rng.gamma(2.0, size=(2 * n, width + 2))
        inputs = ((noise[:, :-2] + noise[:, 1:-1] + noise[:, 2:]) / 3).astype(np.float32)
        inputs[:, 0] = 1.0
        labels = rng.integers(0, 10, 2 * n)
        return Sides(Samples(inputs[:n], labels[:n]), Samples(inputs[n:], labels[n:]))

    return draw
