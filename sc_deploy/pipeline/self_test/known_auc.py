"""Scores whose AUC, and rate at few false alarms, are known by construction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from sc_deploy.pipeline.self_test.specimen import Observation, Specimen
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Rate
    from sc_deploy.pipeline.self_test.laboratory import Laboratory

DISTANCES: Final = (0.0, 0.2, 0.8, 1.6)
DRAWS, EACH = 150, 500
CONFIDENCE, FPR = 0.95, 0.01
# 600 intervals of 95 %: fewer than this share hold the truth in one set of 30,000.
LEAST_COVERAGE: Final = 0.914


def _examine(laboratory: Laboratory) -> Observation:
    """Two normals d apart: AUC = Phi(d / sqrt 2), TPR at FPR a = Phi(d + Phi^-1(a))."""
    rng = laboratory.generator(10)
    held = {"AUC": 0, "TPR": 0}
    error = 0.0
    for distance in DISTANCES:
        truth = float(stats.norm.cdf(distance / math.sqrt(2)))
        rate = float(stats.norm.cdf(distance + stats.norm.ppf(FPR)))
        found = []
        for _ in range(DRAWS):
            inside, outside = rng.normal(distance, size=EACH), rng.normal(size=EACH)
            found.append(auc(inside, outside).rate(CONFIDENCE))
            held["TPR"] += _holds(tpr_at_fpr(inside, outside, fpr=FPR).rate(CONFIDENCE), rate)
        held["AUC"] += sum(_holds(one, truth) for one in found)
        error = max(error, _standard_error(found, truth))
    total = DRAWS * len(DISTANCES)
    shares = {name: count / total for name, count in held.items()}
    told = ", ".join(f"{100 * share:.1f} % of {name} intervals" for name, share in shares.items())
    holds = min(shares.values()) >= LEAST_COVERAGE and error < 4.5
    return Observation(f"{told} hold the truth; mean AUC off by {error:.1f} errors", holds)


def _holds(rate: Rate, truth: float) -> bool:
    return rate.low <= truth <= rate.high


def _standard_error(found: Sequence[Rate], truth: float) -> float:
    """How many standard errors of their mean the values lie from the truth."""
    values = np.array([one.value for one in found])
    return float(abs(values.mean() - truth) / (values.std(ddof=1) / math.sqrt(len(values))))


SPECIMEN: Final = Specimen(
    "known AUC",
    "normal scores with AUC 0.50, 0.56, 0.71 and 0.87",
    "AUC without bias; 95 % intervals that hold the truth",
    _examine,
)
