"""How well thresholds of its own for each class tell members apart: the search's quick attack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.threshold import best_threshold
from sc_deploy.privacy.statistics.proportion import Decisions, balanced_accuracy

if TYPE_CHECKING:
    from sc_deploy.contracts import Predictions, Rate
    from sc_deploy.contracts.arrays import Float64, Int64

LEAST_OF_A_CLASS = 10


def cross_fitted_accuracy(
    members: Predictions, non_members: Predictions, *, seed: int, confidence: float = 0.95
) -> Rate:
    """Balanced accuracy of Song & Mittal's class-wise modified-entropy attack (2003.10595).

    Half of the samples choose the thresholds that judge the other half, and the other way round,
    so that no sample is judged by a threshold it chose. Both sets need at least two samples. A
    class with fewer than 10 members or non-members in a half uses the threshold of all classes.
    """
    rng = np.random.default_rng(seed)
    inside, outside = _halves(members, rng), _halves(non_members, rng)
    named = wrongly = 0
    for judged in (0, 1):
        limits = _thresholds(inside[1 - judged], outside[1 - judged])
        named += _count_named(inside[judged], limits)
        wrongly += _count_named(outside[judged], limits)
    n, m = len(members.labels), len(non_members.labels)
    return balanced_accuracy(Decisions(named, n, m - wrongly, m), confidence=confidence)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """Scores and labels of some samples on one side of the membership line."""

    scores: Float64
    labels: Int64


def _halves(predictions: Predictions, rng: np.random.Generator) -> tuple[_Side, _Side]:
    scores = -signals.log_modified_entropy(predictions.logits, predictions.labels)
    order = rng.permutation(len(scores))
    first, second = order[::2], order[1::2]
    labels = predictions.labels
    return _Side(scores[first], labels[first]), _Side(scores[second], labels[second])


def _thresholds(inside: _Side, outside: _Side) -> tuple[dict[int, float], float]:
    """By class, where both sides hold enough of it, and over all classes."""
    limits = {}
    for label in np.unique(inside.labels):
        members = inside.scores[inside.labels == label]
        others = outside.scores[outside.labels == label]
        if min(len(members), len(others)) >= LEAST_OF_A_CLASS:
            limits[int(label)] = best_threshold(members, others)
    return limits, best_threshold(inside.scores, outside.scores)


def _count_named(side: _Side, limits: tuple[dict[int, float], float]) -> int:
    by_class, pooled = limits
    classes, position = np.unique(side.labels, return_inverse=True)
    table = np.array([by_class.get(int(label), pooled) for label in classes])
    return int(np.count_nonzero(side.scores >= table[position]))
