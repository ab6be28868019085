"""The ROC curve of an attack on a fixed grid, so that no sample can be read from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import Curve
from sc_deploy.privacy.statistics.low_fpr import allowed

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64

DECADES = 4
POINTS = 61


def curve(members: Float64, non_members: Float64) -> Curve:
    """TPR at 61 false-positive rates from 1e-4 to 1, evenly spaced in their logarithm."""
    grid = np.logspace(-DECADES, 0, POINTS)
    ascending = np.sort(non_members)
    cuts = np.array([ascending[-1 - allowed(fpr, len(ascending))] for fpr in grid])
    above = len(members) - np.searchsorted(np.sort(members), cuts, side="right")
    tpr = above / len(members)
    tpr[-1] = 1.0
    return Curve(tuple(float(f) for f in grid), tuple(float(t) for t in tpr))
