"""Where does a signal stand among the non-members of its class?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts.arrays import Float64, Int64

LEAST_OF_A_CLASS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The log-odds of a non-member lying below each of these signals; both ascend strictly.

    `slope` carries the log-odds on beyond both ends.
    """

    signal: Float64
    log_odds: Float64
    slope: float

    @classmethod
    def of(cls, signal: Float64) -> Scale:
        """The scale of non-members with these signals float64 [n], n >= 1."""
        levels, counts = np.unique(signal, return_counts=True)
        middle = counts.cumsum() - counts / 2
        spread = float(signal.std()) or 1.0
        return cls(levels, np.asarray(special.logit(middle / len(signal))), 1.0 / spread)

    def place(self, signal: Float64) -> Float64:
        """Log-odds of a non-member lying below, strictly increasing in the signal.

        A plain empirical distribution would give every member above the last non-member the
        same score, and so hide the leak at low false-positive rates in ties.
        """
        inside = np.interp(signal, self.signal, self.log_odds)
        beyond = np.minimum(signal - self.signal[0], 0) + np.maximum(signal - self.signal[-1], 0)
        return np.asarray(inside + self.slope * beyond)


@dataclass(frozen=True, slots=True, eq=False)
class ClassScales:
    """One scale for each class; `pooled` for classes that had fewer than 20 non-members."""

    by_class: Mapping[int, Scale]
    pooled: Scale

    @classmethod
    def of(cls, signal: Float64, labels: Int64) -> ClassScales:
        classes, counts = np.unique(labels, return_counts=True)
        known = classes[counts >= LEAST_OF_A_CLASS]
        scales = {int(label): Scale.of(signal[labels == label]) for label in known}
        return cls(scales, Scale.of(signal))

    def place(self, signal: Float64, labels: Int64) -> Float64:
        """Each signal on the scale of its class, float64 [n]."""
        placed = np.empty(len(signal))
        for label in np.unique(labels):
            chosen = labels == label
            placed[chosen] = self.by_class.get(int(label), self.pooled).place(signal[chosen])
        return placed
