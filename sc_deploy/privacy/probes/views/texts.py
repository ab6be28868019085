"""Texts with words left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Int64, NetworkInput

SHARES: Final = (0.1, 0.25, 0.5)
DRAWS: Final = 6
SEED: Final = 20_071_433


@dataclass(frozen=True, slots=True)
class TextViews:
    """Views of int64 [n, length]: a tenth, a quarter and half of the places emptied, six draws
    of each. One draw empties the same places of all texts; what follows does not move up."""

    pad: int

    @property
    def count(self) -> int:
        return 1 + len(SHARES) * DRAWS

    def altered(self, samples: NetworkInput, number: int) -> Int64:
        ids = samples.astype(np.int64, copy=True)
        if number:
            rng = np.random.default_rng([SEED, number])
            # The first place stays: networks read a text's class there, and none may be empty.
            emptied = 1 + np.flatnonzero(rng.random(ids.shape[1] - 1) < self._share(number))
            ids[:, emptied] = self.pad
        return ids

    def _share(self, number: int) -> float:
        return SHARES[(number - 1) // DRAWS]
