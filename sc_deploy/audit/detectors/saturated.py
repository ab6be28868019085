"""Do many answers end at the same largest value, as clipped or rounded ones do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit.detectors.confidence import DETECTOR_CONFIDENCE
from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.questions import percent
from sc_deploy.audit.resolution import MOST_TIED, REMEDY
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.clustered import share
from sc_deploy.privacy.statistics.proportion import proportion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sc_deploy.contracts import Check, Predictions, Rate, Role
    from sc_deploy.privacy.statistics.units import Units

TOPIC = Topic("answers are not saturated", VALIDITY, MOST_TIED)


def saturated(answers: Mapping[Role, Predictions], units: Units | None = None) -> Check:
    """At most 5 % of audit samples whose largest logit is the largest of all.

    Behind a clipped output, or a softmax rounded to integers, all sure answers are one and the
    same value: what a model that learned them by heart would say is cut off, and the file looks
    private. With a source beside it such a file is broken; without one, only this shows it.
    Samples that come in `units` count for what they are worth.
    """
    tops = np.concatenate([answers[role].logits.max(axis=1) for role in AUDIT])
    found = _share(tops == tops.max(), units)
    told = f"{percent(found.value)} of the audit samples are answered with the largest value of all"
    if found.low > MOST_TIED:
        return TOPIC.undecided(Cause.UNRESOLVED, told, REMEDY, found)
    return TOPIC.passed(told, found)


def _share(largest: NDArray[np.bool_], units: Units | None) -> Rate:
    if units is None:
        return proportion(int(largest.sum()), len(largest), confidence=DETECTOR_CONFIDENCE)
    both = np.concatenate([units.members, units.non_members])
    return share(largest, both, confidence=DETECTOR_CONFIDENCE)
