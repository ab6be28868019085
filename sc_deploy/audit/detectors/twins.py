"""Are non-members near copies of members?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.neighbors import NearestNeighbors

from sc_deploy.audit.detectors import bursts
from sc_deploy.audit.detectors.confidence import DETECTOR_CONFIDENCE
from sc_deploy.audit.detectors.samples import unseen
from sc_deploy.audit.questions import percent
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.proportion import proportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.audit.detectors.samples import Sides
    from sc_deploy.contracts import Check
    from sc_deploy.contracts.arrays import Float32, Float64
    from sc_deploy.policy import Policy

MOST_TWINS: Final = 0.1
TOPIC = Topic("non-members are no copies of members", VALIDITY, MOST_TWINS)
PROJECTIONS: Final = 32
NEAR: Final = 0.2
FREEDOM: Final = 5
NEIGHBOURS: Final = bursts.FEWEST
REMEDY: Final = (
    "keep copies, frames or records of one source on one side: name their `unit`; samples of "
    "different sources get a unit each"
)


def twins(sides: Sides | None, policy: Policy, *, seed: int) -> Check:
    """Share of audit non-members with a near copy among audit members; surely above 10 %: alarm.

    The model learned such a non-member through its copy, so that it poses as one and a share s
    of them hides about a share s of the leak. Fewer are told and do not gate: rows cannot be
    dropped after the fact without choosing what is audited. Where samples come in units, one
    non-member of each is looked for among all members. Without units a crowd of 16 or more
    copies has no gap before its sixteenth neighbour: non-members inside of crowds count too, and
    whoever knows the samples can say by units that the crowd is of different sources.
    """
    if sides is None or not sides.comparable:
        return unseen(TOPIC, policy)
    others = sides.non_members.independent(seed=seed)
    near = near_copies(sides.members.inputs, others.inputs, seed=seed)
    told = f"{int(near.sum())} of {len(near)} audit non-members nearly equal an audit member"
    if others.unit is None:
        crowded = _crowded(sides.members.inputs, others.inputs, seed=seed) & ~near
        near |= crowded
        told += _told(crowded)
    found = proportion(int(near.sum()), len(near), confidence=DETECTOR_CONFIDENCE)
    if found.low > MOST_TWINS:
        return TOPIC.undecided(
            Cause.DETECTOR_FAILED,
            f"{told}, which hides about {percent(found.value)} of a leak",
            REMEDY,
            found,
        )
    return TOPIC.passed(told, found)


def _told(crowded: NDArray[np.bool_]) -> str:
    if not crowded.any():
        return ""
    return f", and {int(crowded.sum())} more lie in crowds of {bursts.FEWEST} or more like them"


def _crowded(members: Float32, others: Float32, *, seed: int) -> NDArray[np.bool_]:
    """bool [n others], on the random projections: a fifth is far more than they blur."""
    drawn = _projection(members.shape[1], seed)
    return bursts.in_bursts(members.astype(np.float64) @ drawn, others.astype(np.float64) @ drawn)


def near_copies(members: Float32, others: Float32, *, seed: int) -> NDArray[np.bool_]:
    """bool [n others]: the nearest member lies nearer than chance explains.

    Neighbours are found on 32 random projections (Johnson and Lindenstrauss), their distances are
    measured in full. The nearest one's is held against the sixteenth's, so that the rule knows no
    scale, and neither outliers nor dense spots are taken for copies.
    """
    drawn = _projection(members.shape[1], seed)
    inside, outside = members.astype(np.float64), others.astype(np.float64)
    reader = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(inside)), algorithm="brute")
    nearest = reader.fit(inside @ drawn).kneighbors(outside @ drawn, return_distance=False)
    # Not those of the reader, which loses half the digits where two samples nearly coincide.
    distance = np.stack(
        [np.linalg.norm(outside - inside[column], axis=1) for column in nearest.T], axis=1
    )
    distance.sort(axis=1)
    near: NDArray[np.bool_] = distance[:, 0] <= _near(distance) * distance[:, -1]
    return near


def _projection(width: int, seed: int) -> Float64:
    return np.random.default_rng(seed).normal(size=(width, PROJECTIONS))


def _near(distance: Float64) -> float:
    """Which share of the farthest neighbour's distance, float64 [n, neighbours], is near.

    A fifth where samples have at least five degrees of freedom: fewer than 0.5 % of them lie so
    near by chance. Points of a line or a plane do so often, and there only what coincides counts.
    The ratio of the distances to the two nearest tells the degrees of freedom (Facco et al.,
    Scientific Reports 7, 2017): its logarithm is exponential with that rate. Its lower quartile
    is used, which copies hardly move.
    """
    ratio = np.full(len(distance), np.inf)
    np.divide(distance[:, 1], distance[:, 0], out=ratio, where=distance[:, 0] > 0)
    quartile = float(np.quantile(np.log(ratio), 0.25, method="lower"))
    return NEAR if quartile <= -math.log(0.75) / FREEDOM else 0.0
