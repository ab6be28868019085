"""An attack on one figure of each answer, placed among the non-members of its class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.privacy.attacks.scale import ClassScales
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Channel, Predictions
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.attacks.signal_attack import Signal


@dataclass(frozen=True, slots=True)
class ClassAttack:
    """Song & Mittal (2003.10595), section 3.3, with one threshold for all classes.

    Their attacks have a threshold for each class. Ours maps each figure through the distribution
    of its class's calibration non-members first, so that one threshold serves all classes and
    the attack has one ROC curve. A class with fewer than 20 of them uses that of all classes.
    """

    name: str
    signal: Signal
    chance: bool = False
    needs: frozenset[Channel] = frozenset()

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedClassAttack:  # noqa: ARG002
        others = calibration.non_members
        scales = ClassScales.of(self.signal(others), others.labels)
        inside, outside = (
            scales.place(self.signal(side), side.labels) for side in (calibration.members, others)
        )
        return FittedClassAttack(best_threshold(inside, outside), self.signal, scales)


@dataclass(frozen=True, slots=True, eq=False)
class FittedClassAttack:
    threshold: float
    signal: Signal
    scales: ClassScales

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        return self._scores(audit.members), self._scores(audit.non_members)

    def _scores(self, predictions: Predictions) -> Float64:
        return self.scales.place(self.signal(predictions), predictions.labels)
