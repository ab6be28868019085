"""Does the strongest attack reach what right and wrong answers alone give away?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.detectors.confidence import DETECTOR_CONFIDENCE
from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.audit.scores import Scores
    from sc_deploy.contracts import Check, Predictions, Role
    from sc_deploy.contracts.arrays import Float64

TOPIC = Topic("attacks reach the gap attack", VALIDITY)
YARDSTICK: Final = "gap"


def strength(answers: Mapping[Role, Predictions], scores: Sequence[Scores]) -> Check:
    """The strongest attack must reach what "right answer means member" reaches.

    Yeom et al. (1709.01604): the gap attack needs only the label, so that an attack which stays
    below it is broken rather than the model private. The gap attack itself proves nothing here.
    """
    reached = [
        auc(found.members, found.non_members, units=found.units).rate(DETECTOR_CONFIDENCE)
        for found in scores
        if found.attack != YARDSTICK
    ]
    if not reached:
        return TOPIC.undecided(
            Cause.EVIDENCE_MISSING,
            "no attack of the policy could be run that reads more than right and wrong",
            "add the loss attack to the policy",
        )
    inside, outside = (_right(answers[role]) for role in AUDIT)
    gap = auc(inside, outside, units=scores[0].units).rate(DETECTOR_CONFIDENCE)
    best = max(reached, key=lambda rate: rate.high)
    if best.high >= gap.low:
        return TOPIC.passed("no attack of the policy is weaker than the accuracy gap alone")
    return TOPIC.undecided(
        Cause.DETECTOR_FAILED,
        f"the strongest attack has AUC {best.value:.3f}, the accuracy gap alone {gap.value:.3f}",
        "add the loss attack to the policy, and give the attackers more calibration samples",
    )


def _right(given: Predictions) -> Float64:
    right: Float64 = (given.logits.argmax(axis=1) == given.labels).astype(np.float64)
    return right
