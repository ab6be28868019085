"""Which samples does the course of their training loss say are remembered one by one?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32, Float64

LEAST_EPOCHS: Final = 4
QUARTILES: Final = (0.25, 0.75)


def vulnerability(loss: Float32) -> Float64:
    """Interquartile range over the epochs of each sample's loss: float64 [n], from [epochs, n].

    LT-IQR of Pollock et al. (2411.05743): a sample that the model learns late and only by itself
    has a loss that moves far. Larger is more exposed. Epochs in which a sample was not presented
    are NaN and left out; a sample with fewer than four epochs has no figure, NaN.
    """
    seen = np.isfinite(loss).sum(axis=0) >= LEAST_EPOCHS
    found = np.full(loss.shape[1], np.nan)
    if seen.any():
        low, high = np.nanquantile(loss[:, seen].astype(np.float64), QUARTILES, axis=0)
        found[seen] = high - low
    return found
