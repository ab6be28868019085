"""The privacy-risk score: how probable is it that a sample with such an answer is a member?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.privacy.attacks import modified_entropy
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import AuditSet, CalibrationSet, Channel, Predictions
    from sc_deploy.contracts.arrays import Float64

BINS: Final = 15
LEAST_OF_A_CLASS: Final = 50
# Far too small to overrule a difference of risk, large enough to order equal ones.
TIE_BREAK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class RiskScore:
    """Song & Mittal (2003.10595), section 4: P(member | answer) under a prior of one half.

    As theirs it rests on histograms of the modified entropy of members and non-members of a
    class, here of calibration samples, in 15 log-spaced bins. Ours reads the log-odds between
    the centres of the bins by interpolation, starts every bin at one sample, and orders equal
    risks by modified entropy: their steps tie samples, and ties hide a leak at low
    false-positive rates. A class with fewer than 50 samples of a side uses those of all classes.
    """

    name: str = "risk-score"
    chance: bool = False
    needs: frozenset[Channel] = frozenset()

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedRiskScore:  # noqa: ARG002
        sides = calibration.members, calibration.non_members
        inside, outside = map(modified_entropy.signal, sides)
        risks = {}
        for label in np.unique(sides[0].labels):
            mine, others = inside[sides[0].labels == label], outside[sides[1].labels == label]
            if min(len(mine), len(others)) >= LEAST_OF_A_CLASS:
                risks[int(label)] = Risk.of(mine, others)
        pooled = Risk.of(inside, outside)
        scores = (_scores(side, risks, pooled) for side in sides)
        return FittedRiskScore(best_threshold(*scores), risks, pooled)


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """Log-odds of membership at the centres of bins of a signal; `spread` is its unit."""

    centres: Float64
    log_odds: Float64
    spread: float

    @classmethod
    def of(cls, members: Float64, non_members: Float64) -> Risk:
        """From signals of both sides; the outermost half per cent falls into the end bins."""
        both = np.concatenate([members, non_members])
        low, high = np.quantile(both, [0.005, 0.995])
        edges = np.linspace(low, high, BINS + 1)
        shares = [_share(side, edges) for side in (members, non_members)]
        centres = (edges[1:] + edges[:-1]) / 2
        return cls(centres, np.log(shares[0] / shares[1]), float(both.std()) or 1.0)

    def place(self, signal: Float64) -> Float64:
        """The log-odds of each signal, float64 [n]; a higher signal breaks a tie."""
        risk = np.interp(signal, self.centres, self.log_odds)
        return np.asarray(risk + TIE_BREAK * signal / self.spread)


@dataclass(frozen=True, slots=True, eq=False)
class FittedRiskScore:
    """`risks` by class; `pooled` for classes that calibration hardly knew."""

    threshold: float
    risks: Mapping[int, Risk]
    pooled: Risk

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        return (
            _scores(audit.members, self.risks, self.pooled),
            _scores(audit.non_members, self.risks, self.pooled),
        )


def _share(signal: Float64, edges: Float64) -> Float64:
    counts, _ = np.histogram(np.clip(signal, edges[0], edges[-1]), edges)
    return np.asarray((counts + 1.0) / (len(signal) + BINS))


def _scores(predictions: Predictions, risks: Mapping[int, Risk], pooled: Risk) -> Float64:
    signal = modified_entropy.signal(predictions)
    scores = np.empty(len(signal))
    for label in np.unique(predictions.labels):
        chosen = predictions.labels == label
        scores[chosen] = risks.get(int(label), pooled).place(signal[chosen])
    return scores
