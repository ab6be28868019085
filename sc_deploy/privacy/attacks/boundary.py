"""The boundary attack: a sample that lies far from where its answer changes was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import Channel
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge
    from sc_deploy.contracts.arrays import Float64


@dataclass(frozen=True, slots=True)
class BoundaryAttack:
    """Choquette-Choo et al. (2007.14321), section 3.2, and Li & Zhang (2007.15528).

    The score is the distance that `privacy.probes.boundary` finds, 0 for a wrong answer. It is
    measured on a part of the samples; the others, NaN, are left out, so that scores are fewer
    than samples.
    """

    name: str = "boundary"
    chance: bool = False
    needs: frozenset[Channel] = frozenset({Channel.DISTANCE})

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedBoundary:  # noqa: ARG002
        inside, outside = map(_measured, calibration.known)
        return FittedBoundary(best_threshold(inside, outside))


@dataclass(frozen=True, slots=True)
class FittedBoundary:
    threshold: float

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        inside, outside = map(_measured, audit.known)
        return inside, outside


def _measured(known: Knowledge) -> Float64:
    assert known.distance is not None  # the auditor runs no attack without what it needs
    return known.distance[~np.isnan(known.distance)]
