"""What is to be expected of a figure, given columns that may or may not say something of it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_predict

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64

FOLDS: Final = 3
TREES: Final = 60
LEAST_OF_A_LEAF: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """`offset + slope * model(columns)`; slope 0 where the columns say nothing."""

    model: HistGradientBoostingRegressor
    slope: float
    offset: float

    def __call__(self, columns: Float64) -> Float64:
        """float64 [n] from columns float64 [n, D]."""
        return self.offset + self.slope * np.asarray(self.model.predict(columns))


def learn(columns: Float64, target: Float64, *, seed: int) -> tuple[Expectation, Float64]:
    """The expectation of `target` float64 [n], and what it is of each sample when that sample
    is left out of the learning.

    Boosted trees explain their own samples whether or not there is something to explain. The
    left-out answers show how much of it is real: all answers are scaled by the slope in [0, 1]
    of the target on them.
    """
    model = HistGradientBoostingRegressor(
        max_iter=TREES,
        min_samples_leaf=LEAST_OF_A_LEAF,
        early_stopping=False,
        random_state=seed % 2**32,
    )
    folds = KFold(min(FOLDS, len(target)), shuffle=True, random_state=seed % 2**32)
    left_out = np.asarray(cross_val_predict(model, columns, target, cv=folds))
    slope = _slope(left_out, target)
    offset = float(target.mean() - slope * left_out.mean())
    found = Expectation(model.fit(columns, target), slope, offset)
    return found, offset + slope * left_out


def _slope(answers: Float64, target: Float64) -> float:
    variance = float(answers.var())
    if variance == 0.0:
        return 0.0
    covariance = float(((answers - answers.mean()) * (target - target.mean())).mean())
    return min(1.0, max(0.0, covariance / variance))
