"""The quantile attack: is the model surer of a sample than of others that look like it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Channel
from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.expectation import Expectation, learn
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge, Predictions
    from sc_deploy.contracts.arrays import Float64

# So many samples of its class weigh as much as the mean of all classes.
DRAWN: Final = 10
# Of the typical residual: no sample is so predictable that any deviation accuses it.
LEAST_SPREAD: Final = 0.1


@dataclass(frozen=True, slots=True)
class QuantileAttack:
    """Bertran et al. (2307.03694) with their Gaussian head: z = (s - mu(x, y)) / sigma(x, y).

    The margin s of calibration *non-members* is regressed on what the model read and the label;
    a sample is as member-like as its margin lies above that. One regressor for each audited
    file, from its own answers. Theirs is a network on the raw samples; ours is gradient boosting
    on a summary of them, so it explains less of what makes a sample easy; where it explains
    nothing, the margin above its class's mean is left. It is learned as the continuous figure
    that it is.
    """

    name: str = "quantile"
    chance: bool = True
    needs: frozenset[Channel] = frozenset({Channel.INPUTS})

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedQuantile:
        inside, outside = calibration.known
        others = calibration.non_members
        by_class = _ClassMeans.of(others)
        columns, centred = by_class.columns(others, outside), by_class.centred(others)
        mean, expected = learn(columns, centred, seed=seed)
        residual = centred - expected
        floor = LEAST_SPREAD * (float(residual.std()) or 1.0)
        log_spread, told = learn(columns, np.log(np.maximum(np.abs(residual), floor)), seed=seed)
        fitted = FittedQuantile(0.0, mean, log_spread, by_class)
        # Of non-members what they were not learned from; the fitted model knows their answers.
        return FittedQuantile(
            best_threshold(fitted.scores(calibration.members, inside), residual / np.exp(told)),
            mean,
            log_spread,
            by_class,
        )


@dataclass(frozen=True, slots=True, eq=False)
class FittedQuantile:
    """`mean` and `log_spread` of the margin that a non-member would have."""

    threshold: float
    mean: Expectation
    log_spread: Expectation
    by_class: _ClassMeans

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        inside, outside = audit.known
        return self.scores(audit.members, inside), self.scores(audit.non_members, outside)

    def scores(self, predictions: Predictions, known: Knowledge) -> Float64:
        """z-scores of the margins, float64 [n]."""
        columns = self.by_class.columns(predictions, known)
        residual = self.by_class.centred(predictions) - self.mean(columns)
        return residual / np.exp(self.log_spread(columns))


@dataclass(frozen=True, slots=True, eq=False)
class _ClassMeans:
    """Mean margin float64 [C] of each class's non-members, drawn to the mean of all of them."""

    means: Float64

    @classmethod
    def of(cls, predictions: Predictions) -> _ClassMeans:
        classes, margins = predictions.logits.shape[1], _margin(predictions)
        counts = np.bincount(predictions.labels, minlength=classes)
        sums = np.bincount(predictions.labels, weights=margins, minlength=classes)
        return cls((sums + DRAWN * margins.mean()) / (counts + DRAWN))

    def centred(self, predictions: Predictions) -> Float64:
        """How far each margin lies above its class's mean, float64 [n]."""
        return _margin(predictions) - self.means[predictions.labels]

    def columns(self, predictions: Predictions, known: Knowledge) -> Float64:
        """What the regressors read: the inputs, then the class's mean, float64 [n, D + 1]."""
        assert known.inputs is not None  # the auditor runs no attack without what it needs
        read = known.inputs.astype(np.float64)
        return np.column_stack([read, self.means[predictions.labels]])


def _margin(predictions: Predictions) -> Float64:
    return signals.margin(predictions.logits, predictions.labels)
