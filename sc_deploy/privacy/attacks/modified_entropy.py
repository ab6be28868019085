"""The modified-entropy attack, each score placed among the non-members of its class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import AuditSet, CalibrationSet, Channel, Predictions
    from sc_deploy.contracts.arrays import Float64

LEAST_OF_A_CLASS = 20


@dataclass(frozen=True, slots=True)
class ModifiedEntropyAttack:
    """Song & Mittal (2003.10595), section 3.3, with one threshold for all classes.

    Their attack has a threshold for each class. Ours maps each score through the distribution of
    its class's calibration non-members first, so that one threshold serves all classes and the
    attack has one ROC curve. A class with fewer than 20 of them uses that of all classes.
    """

    name: str = "modified-entropy"
    chance: bool = False
    needs: frozenset[Channel] = frozenset()

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedModifiedEntropy:  # noqa: ARG002
        signal, labels = _signal(calibration.non_members), calibration.non_members.labels
        classes, counts = np.unique(labels, return_counts=True)
        scales = {
            int(label): _scale(signal[labels == label])
            for label in classes[counts >= LEAST_OF_A_CLASS]
        }
        pooled = _scale(signal)
        threshold = best_threshold(
            _placed(calibration.members, scales, pooled),
            _placed(calibration.non_members, scales, pooled),
        )
        return FittedModifiedEntropy(threshold, scales, pooled)


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The log-odds of a non-member lying below each of these signals; both ascend strictly.

    `slope` carries the log-odds on beyond both ends.
    """

    signal: Float64
    log_odds: Float64
    slope: float

    def place(self, signal: Float64) -> Float64:
        """Log-odds of a non-member lying below, strictly increasing in the signal.

        A plain empirical distribution would give every member above the last non-member the
        same score, and so hide the leak at low false-positive rates in ties.
        """
        inside = np.interp(signal, self.signal, self.log_odds)
        beyond = np.minimum(signal - self.signal[0], 0) + np.maximum(signal - self.signal[-1], 0)
        return np.asarray(inside + self.slope * beyond)


@dataclass(frozen=True, slots=True, eq=False)
class FittedModifiedEntropy:
    """`scales` by class; `pooled` for classes that calibration hardly knew."""

    threshold: float
    scales: Mapping[int, Scale]
    pooled: Scale

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        return (
            _placed(audit.members, self.scales, self.pooled),
            _placed(audit.non_members, self.scales, self.pooled),
        )


def _signal(predictions: Predictions) -> Float64:
    """-log of the modified entropy: same order as its negative, and a tail that can be extended."""
    return -signals.log_modified_entropy(predictions.logits, predictions.labels)


def _scale(signal: Float64) -> Scale:
    levels, counts = np.unique(signal, return_counts=True)
    middle = counts.cumsum() - counts / 2
    spread = float(signal.std()) or 1.0
    return Scale(levels, np.asarray(special.logit(middle / len(signal))), 1.0 / spread)


def _placed(predictions: Predictions, scales: Mapping[int, Scale], pooled: Scale) -> Float64:
    signal, labels = _signal(predictions), predictions.labels
    placed = np.empty(len(signal))
    for label in np.unique(labels):
        chosen = labels == label
        placed[chosen] = scales.get(int(label), pooled).place(signal[chosen])
    return placed
