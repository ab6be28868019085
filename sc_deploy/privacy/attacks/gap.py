"""The gap attack: a sample that is answered rightly was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Channel, Predictions
    from sc_deploy.contracts.arrays import Float64

RIGHT: Final = 1.0


@dataclass(frozen=True, slots=True)
class GapAttack:
    """Yeom et al. (1709.01604): score 1 for a right answer, 0 for a wrong one.

    Its AUC is 1/2 + (accuracy on members - accuracy on non-members) / 2, a bound that every
    stronger attack must reach. It has one operating point: all right answers tie, so that a
    policy which gates on it can be failed and never be passed.
    """

    name: str = "gap"
    chance: bool = False
    needs: frozenset[Channel] = frozenset()

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedGap:  # noqa: ARG002
        return FittedGap()


@dataclass(frozen=True, slots=True)
class FittedGap:
    threshold: float = RIGHT

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        return _right(audit.members), _right(audit.non_members)


def _right(predictions: Predictions) -> Float64:
    right = predictions.logits.argmax(axis=1) == predictions.labels
    return np.asarray(right, dtype=np.float64)
