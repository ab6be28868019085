"""The label-only attack: a sample whose altered views are still answered rightly was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from sc_deploy.contracts import Channel
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge
    from sc_deploy.contracts.arrays import Float64

# Below one vote even for a hundred views: the classifier orders equal counts, no others.
TIE_BREAK: Final = 0.5


@dataclass(frozen=True, slots=True)
class LabelOnlyAttack:
    """Choquette-Choo et al. (2007.14321), section 3: it sees nothing but the answered label.

    The score is the number of views that are answered with the sample's label. Samples with
    equal counts are ordered by a logistic regression on *which* views those were, fitted on
    calibration samples. Scores still tie, as answers without confidence must.
    """

    name: str = "label-only"
    chance: bool = False
    needs: frozenset[Channel] = frozenset({Channel.VOTES})

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedLabelOnly:  # noqa: ARG002
        votes = [_votes(known) for known in calibration.known]
        member = np.repeat([1, 0], [len(side) for side in votes])
        model = LogisticRegression(class_weight="balanced").fit(np.concatenate(votes), member)
        inside, outside = (_scores(side, model) for side in votes)
        return FittedLabelOnly(best_threshold(inside, outside), model)


@dataclass(frozen=True, slots=True, eq=False)
class FittedLabelOnly:
    threshold: float
    model: LogisticRegression

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        inside, outside = (_scores(_votes(known), self.model) for known in audit.known)
        return inside, outside


def _votes(known: Knowledge) -> Float64:
    assert known.votes is not None  # the auditor runs no attack without what it needs
    return known.votes.astype(np.float64)


def _scores(votes: Float64, model: LogisticRegression) -> Float64:
    likely = np.asarray(model.predict_proba(votes))[:, 1]
    return np.asarray(votes.sum(axis=1) + TIE_BREAK * likely)
