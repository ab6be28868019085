"""The loss threshold attack: a sample with a small loss was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Channel, Predictions
    from sc_deploy.contracts.arrays import Float64


@dataclass(frozen=True, slots=True)
class LossAttack:
    """Yeom et al. (1709.01604), with the logit margin in place of the loss.

    The margin is a strictly decreasing map of the loss, so every ROC figure is the same, and it
    does not collapse into ties at zero loss.
    """

    name: str = "loss"
    chance: bool = False
    needs: frozenset[Channel] = frozenset()

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedLoss:  # noqa: ARG002
        return FittedLoss(
            best_threshold(_scores(calibration.members), _scores(calibration.non_members))
        )


@dataclass(frozen=True, slots=True)
class FittedLoss:
    threshold: float

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        return _scores(audit.members), _scores(audit.non_members)


def _scores(predictions: Predictions) -> Float64:
    return signals.margin(predictions.logits, predictions.labels)
