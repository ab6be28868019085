"""How does a logistic regression read columns of unlike kinds and numbers?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts.arrays import Float64, Int64

MOST_ITERATIONS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class LinearReader:
    """A logistic regression on blocks of columns, each block standardised as it was learned."""

    scalers: tuple[StandardScaler, ...]
    model: LogisticRegression

    def values(self, blocks: Sequence[Float64]) -> Int64:
        """The likeliest value of each row, int64 [n]; blocks as in `learn_linear`."""
        return np.asarray(self.model.predict(_columns(self.scalers, blocks)))

    def log_odds(self, blocks: Sequence[Float64]) -> Float64:
        """Of the larger of two values against the smaller, float64 [n]."""
        return np.asarray(self.model.decision_function(_columns(self.scalers, blocks)))


def learn_linear(blocks: Sequence[Float64], values: Int64) -> LinearReader:
    """Learn `values` int64 [n] from blocks of columns, each float64 [n, width], rare values too.

    Columns of a block are scaled by 1 / sqrt(width): under the L2 penalty a block of 512
    features then has as much say as one of a single figure, and does not drown it. Values weigh
    alike however many samples have them.
    """
    scalers = tuple(StandardScaler().fit(block) for block in blocks)
    model = LogisticRegression(class_weight="balanced", max_iter=MOST_ITERATIONS)
    return LinearReader(scalers, model.fit(_columns(scalers, blocks), values))


def _columns(scalers: tuple[StandardScaler, ...], blocks: Sequence[Float64]) -> Float64:
    return np.concatenate(
        [
            scaler.transform(block) / np.sqrt(block.shape[1])
            for scaler, block in zip(scalers, blocks, strict=True)
        ],
        axis=1,
    )
