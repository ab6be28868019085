"""Questions put to a model about altered samples, on arrays and with labels as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import NetworkInput

Ask: TypeAlias = "Callable[[NetworkInput], NDArray[np.int64]]"
"""What a model answers: from inputs [n, ...] to the likeliest class of each, int64 [n]."""
