"""Rows of a table with noise added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32, NetworkInput

STRENGTHS: Final = (0.1, 0.3, 1.0)
DRAWS: Final = 6
SEED: Final = 20_071_432  # of the paper's number: any other would do as well


@dataclass(frozen=True, slots=True, eq=False)
class TableViews:
    """Views of float32 [n, ...]: noise of 0.1, 0.3 and 1 times `spread`, six draws of each.

    `spread` float32 [...] is the standard deviation of each column. Choquette-Choo et al.
    (2007.14321), section 3.3. One draw is added to all samples alike, so that a view does not
    depend on who else is looked at.
    """

    spread: Float32

    @classmethod
    def of(cls, typical: Float32) -> TableViews:
        return cls(typical.std(axis=0))

    @property
    def count(self) -> int:
        return 1 + len(STRENGTHS) * DRAWS

    def altered(self, samples: NetworkInput, number: int) -> Float32:
        values = samples.astype(np.float32, copy=False)
        if number == 0:
            return values
        strength = STRENGTHS[(number - 1) // DRAWS]
        noise = np.random.default_rng([SEED, number]).standard_normal(self.spread.shape)
        return values + (strength * noise * self.spread).astype(np.float32)
