"""Which figures of a sample and its label does a classifier read that never asks the model?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.audit.detectors.samples import Samples
    from sc_deploy.contracts.arrays import Float64, Int64

COLUMNS: Final = 32
PROJECTIONS: Final = 16
MOST_CLASSES: Final = 64
TINY: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """At most 150 figures a sample: the columns of its input that differ most between the sides,
    a few random projections of all of it, what describes it as a whole, and its label.

    `columns` int64 [k], `projection` float64 [D, 16], `classes` int64 [c].
    """

    columns: Int64
    projection: Float64
    classes: Int64

    @classmethod
    def learn(cls, known: Samples, member: NDArray[np.bool_], *, seed: int) -> View:
        """Choose by these samples, whose side `member` bool [N] is told."""
        inputs = known.inputs.astype(np.float64)
        unlike = np.maximum(
            _distance(inputs, member), _distance(np.abs(inputs - inputs.mean(axis=0)), member)
        )
        spread = inputs.std(axis=0)
        drawn = np.random.default_rng(seed).normal(size=(inputs.shape[1], PROJECTIONS))
        values, counts = np.unique(known.labels, return_counts=True)
        return cls(
            np.argsort(-unlike, kind="stable")[:COLUMNS],
            drawn / np.where(spread > 0, spread, 1.0)[:, None],
            values[np.argsort(-counts, kind="stable")[:MOST_CLASSES]],
        )

    def read(self, samples: Samples) -> Float64:
        """float64 [N, figures]."""
        inputs = samples.inputs.astype(np.float64)
        whole = [inputs.mean(axis=1), inputs.std(axis=1), inputs.min(axis=1), inputs.max(axis=1)]
        return np.concatenate(
            [
                inputs[:, self.columns],
                inputs @ self.projection,
                np.stack(whole, axis=1),
                samples.labels[:, None] == self.classes,
            ],
            axis=1,
        )


def _distance(values: Float64, member: NDArray[np.bool_]) -> Float64:
    """How many standard errors the sides' means lie apart, column by column."""
    inside, outside = values[member], values[~member]
    error = np.sqrt(inside.var(axis=0) / len(inside) + outside.var(axis=0) / len(outside))
    apart: Float64 = np.abs(inside.mean(axis=0) - outside.mean(axis=0)) / (error + TINY)
    return apart
