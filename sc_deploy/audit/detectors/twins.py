"""Are non-members near copies of members?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.metrics import pairwise_distances_argmin

from sc_deploy.audit.detectors.confidence import DETECTOR_CONFIDENCE
from sc_deploy.audit.detectors.samples import unseen
from sc_deploy.audit.questions import percent
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.proportion import proportion

if TYPE_CHECKING:
    from sc_deploy.audit.detectors.samples import Sides
    from sc_deploy.contracts import Check
    from sc_deploy.contracts.arrays import Float32, Float64
    from sc_deploy.policy import Policy

MOST_TWINS: Final = 0.1
TOPIC = Topic("non-members are no copies of members", VALIDITY, MOST_TWINS)
PROJECTIONS: Final = 32
NEAR: Final = 0.05
FAR: Final = 0.9


def twins(sides: Sides | None, policy: Policy, *, seed: int) -> Check:
    """Share of audit non-members with a near copy among audit members; surely above 10 %: alarm.

    The model learned such a non-member through its copy, so that it poses as one and a share s
    of them hides about a share s of the leak. Fewer are told and do not gate: rows cannot be
    dropped after the fact without choosing what is audited.
    """
    if sides is None or not sides.comparable:
        return unseen(TOPIC, policy)
    near = near_copies(sides.members.inputs, sides.non_members.inputs, seed=seed)
    found = proportion(int(near.sum()), len(near), confidence=DETECTOR_CONFIDENCE)
    told = f"{int(near.sum())} of {found.n} audit non-members nearly equal an audit member"
    if found.low > MOST_TWINS:
        return TOPIC.undecided(
            Cause.DETECTOR_FAILED,
            f"{told}, which hides about {percent(found.value)} of a leak",
            "keep copies, frames or records of one source on one side: name their `unit`",
            found,
        )
    return TOPIC.passed(told, found)


def near_copies(members: Float32, others: Float32, *, seed: int) -> np.ndarray:
    """bool [n others]: the nearest member lies within a twentieth of what is usual.

    Usual is the 90th percentile of that distance over `others`, so that the rule knows no scale
    and holds even where most are copies. Neighbours are found on 32 random projections (Johnson
    and Lindenstrauss), their distance is measured in full.
    """
    drawn = np.random.default_rng(seed).normal(size=(members.shape[1], PROJECTIONS))
    inside, outside = members.astype(np.float64), others.astype(np.float64)
    nearest = pairwise_distances_argmin(outside @ drawn, inside @ drawn)
    distance: Float64 = np.linalg.norm(outside - inside[nearest], axis=1)
    return np.asarray(distance <= NEAR * np.quantile(distance, FAR))
