"""Were members and non-members prepared alike: same scale, range, rounding, sharpness?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from sc_deploy.audit.detectors.confidence import DETECTOR_CONFIDENCE
from sc_deploy.audit.detectors.samples import unseen
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sc_deploy.audit.detectors.samples import Sides
    from sc_deploy.contracts import Check, Role
    from sc_deploy.contracts.arrays import Float32, Float64
    from sc_deploy.policy import Policy

TOPIC = Topic("both sides were prepared alike", VALIDITY)
REMEDY: Final = (
    "send members and non-members through the very same deterministic preprocessing, never "
    "through training augmentation"
)
# What is surely there can still be too little to matter: only more than this is an alarm.
LEAST_DISTANCE: Final = 0.1
LEAST_SHIFT: Final = 0.25


def preparation(
    sides: Sides | None, digests: Mapping[Role, str], policy: Policy, *, seed: int
) -> Check:
    """`digests` say by role what prepared its samples, where anybody recorded it.

    Figures of whole samples are held against each other by the Kolmogorov-Smirnov test, means
    and spreads of each column by Welch's, all of them together at the confidence of a detector;
    of samples that come in units one of each.
    """
    if len(set(digests.values())) > 1:
        named = ", ".join(f"{role} {digest[:8]}" for role, digest in digests.items())
        return _alarm(f"records say that roles were prepared in different ways: {named}")
    if sides is None:
        return unseen(TOPIC, policy)
    if not sides.comparable:
        return _alarm(
            f"members have {sides.members.inputs.shape[1]} values a sample, non-members "
            f"{sides.non_members.inputs.shape[1]}, or some are no numbers"
        )
    drawn = sides.independent(seed=seed)
    wrong = _unlike(drawn.members.inputs, drawn.non_members.inputs)
    if wrong:
        return _alarm("; ".join(wrong))
    return TOPIC.passed("scale, range, rounding and sharpness of both sides' samples agree")


def _alarm(reason: str) -> Check:
    return TOPIC.undecided(Cause.DETECTOR_FAILED, reason, REMEDY)


def _unlike(members: Float32, others: Float32) -> list[str]:
    first, second = _figures(members), _figures(others)
    tests = len(first) + 2 * members.shape[1]
    level = (1.0 - DETECTOR_CONFIDENCE) / tests
    wrong = []
    for name, values in first.items():
        found = stats.ks_2samp(values, second[name], method="asymp")
        if found.pvalue < level and found.statistic > LEAST_DISTANCE:
            wrong.append(f"{name}: {values.mean():.4g} and {second[name].mean():.4g} on average")
    for name, (mine, theirs) in _columns(members, others).items():
        shifted = int(np.count_nonzero(_shifted(mine, theirs, level)))
        if shifted:
            wrong.append(f"{name} differs in {shifted} of {members.shape[1]} columns")
    return wrong


def _figures(inputs: Float32) -> dict[str, Float64]:
    """What describes each sample as a whole, float64 [N] by name."""
    values = inputs.astype(np.float64)
    spread = values.std(axis=1)
    steps = np.abs(np.diff(values, axis=1)).mean(axis=1) if values.shape[1] > 1 else spread
    with np.errstate(over="ignore"):
        halved = inputs.astype(np.float16).astype(np.float32) == inputs
    return {
        "mean of a sample": values.mean(axis=1),
        "spread of a sample": spread,
        "least value": values.min(axis=1),
        "largest value": values.max(axis=1),
        "sharpness (step between neighbours over spread)": steps / np.where(spread > 0, spread, 1),
        "share of distinct values": _distinct(inputs),
        "share of values that 16 bits hold": halved.mean(axis=1),
    }


def _distinct(inputs: Float32) -> Float64:
    ordered = np.sort(inputs, axis=1)
    fresh = 1 + np.count_nonzero(np.diff(ordered, axis=1) > 0, axis=1)
    return np.asarray(fresh / inputs.shape[1])


def _columns(members: Float32, others: Float32) -> dict[str, tuple[Float64, Float64]]:
    """The values of which column means are compared: their own, and distances from the middle
    (the test of Brown and Forsythe, 1974)."""
    sides = members.astype(np.float64), others.astype(np.float64)
    first, second = (np.abs(side - np.median(side, axis=0)) for side in sides)
    return {"the mean": sides, "the spread": (first, second)}


def _shifted(members: Float64, others: Float64, level: float) -> NDArray[np.bool_]:
    """bool [D]: the means surely differ, by more than a quarter of a standard deviation."""
    apart = np.abs(members.mean(axis=0) - others.mean(axis=0))
    errors = members.var(axis=0, ddof=1) / len(members), others.var(axis=0, ddof=1) / len(others)
    # The smaller side's degrees of freedom: never more sure than Welch's own.
    reach = stats.t.isf(level / 2, min(len(members), len(others)) - 1) * np.sqrt(sum(errors))
    spread = np.sqrt((members.var(axis=0) + others.var(axis=0)) / 2)
    return np.asarray((apart > reach) & (apart > LEAST_SHIFT * spread) & (apart > 0))
