"""Which non-members lie in a tight crowd of members: many takes of one scene, or one dense spot?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.metrics import pairwise_distances_chunked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float64

FEWEST: Final = 16
GAP: Final = 0.2


def in_bursts(members: Float64, others: Float64) -> NDArray[np.bool_]:
    """bool [n others]: of inputs (or projections of them) float64 [n, D].

    A burst of j or more members, j = 16, 32, … up to a quarter of them, is there where the j-th
    nearest lies within a fifth of the distance of the 2 j-th. Where samples fill a line evenly,
    a doubled distance holds twice as many, and fewer than doubled in more dimensions: a jump by
    five is a gap around a crowd. Crowds of one scene and dense spots of unlike samples look the
    same; only whoever took the samples can tell them apart.
    """
    ladder = _ladder(len(members))
    if len(ladder) < 2:
        return np.zeros(len(others), dtype=np.bool_)
    found: list[NDArray[np.bool_]] = []
    for part in pairwise_distances_chunked(others, members, metric="euclidean"):
        near = np.sort(part.astype(np.float32), axis=1)[:, ladder]
        found.append(np.any(near[:, :-1] <= GAP * near[:, 1:], axis=1, keepdims=True))
    return np.concatenate(found)[:, 0]


def _ladder(members: int) -> list[int]:
    """Positions, from 0, of the 16th, 32nd, … nearest, up to half of the members."""
    ranks, rank = [], FEWEST
    while rank <= members // 2:
        ranks.append(rank - 1)
        rank *= 2
    return ranks
