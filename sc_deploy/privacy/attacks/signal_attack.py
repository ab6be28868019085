"""An attack that is one threshold on one figure of each answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sc_deploy.contracts import Predictions
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sc_deploy.contracts import AuditSet, CalibrationSet, Channel
    from sc_deploy.contracts.arrays import Float64

Signal: TypeAlias = Callable[[Predictions], "NDArray[np.float64]"]
"""How member-like each answer looks, float64 [n]; larger is more."""


@dataclass(frozen=True, slots=True)
class SignalAttack:
    """Calibration samples choose the threshold; ROC figures do not depend on it."""

    name: str
    signal: Signal
    chance: bool = False
    needs: frozenset[Channel] = frozenset()

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedSignal:  # noqa: ARG002
        inside, outside = map(self.signal, (calibration.members, calibration.non_members))
        return FittedSignal(best_threshold(inside, outside), self.signal)


@dataclass(frozen=True, slots=True)
class FittedSignal:
    threshold: float
    signal: Signal

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        return self.signal(audit.members), self.signal(audit.non_members)
