"""What makes one candidate better than another?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts import Candidate
    from sc_deploy.contracts.arrays import Float64


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The measured figures of all who compete; each array [k].

    `accuracy` is validation accuracy, `attack` the strongest attack's, never below one half;
    `within` says whose leakage is within the limit, its upper bound included.
    """

    accuracy: Float64
    attack: Float64
    within: NDArray[np.bool_]

    @classmethod
    def of(cls, candidates: Sequence[Candidate], within: Sequence[bool]) -> Pool:
        return cls(
            np.array([candidate.validation.value for candidate in candidates]),
            np.array([candidate.attack_accuracy for candidate in candidates]),
            np.array(within, np.bool_),
        )


class Objective(Protocol):
    """How good figures are, larger being better, elementwise.

    `accuracy` and `attack` float64 [..., k] may be those of resamples; the pool's are measured.
    """

    def __call__(self, accuracy: Float64, attack: Float64, pool: Pool, /) -> Float64: ...


def tm_score(accuracy: Float64, attack: Float64, _pool: Pool) -> Float64:
    """Task accuracy over attack accuracy (MIA-SafeCompress, TM-score)."""
    return accuracy / attack


def nearest_to_ideal(accuracy: Float64, attack: Float64, pool: Pool) -> Float64:
    """Minus the distance to a model with the pool's best accuracy and its least attack accuracy.

    One point of accuracy is worth one of attack accuracy. The nearest is never dominated: who is
    as good in both figures and better in one lies nearer.
    """
    behind = np.maximum(pool.accuracy.max() - accuracy, 0.0)
    above = np.maximum(attack - pool.attack.min(), 0.0)
    return np.asarray(-np.hypot(behind, above), np.float64)


def within_limit(accuracy: Float64, attack: Float64, pool: Pool) -> Float64:
    """Accuracy of those within the leakage limit; all others come after them, least attack first.

    An epsilon constraint: figures of others are negative, so that they never come before.
    """
    return np.asarray(np.where(pool.within, accuracy, -attack), np.float64)


def performance(accuracy: Float64, _attack: Float64, _pool: Pool) -> Float64:
    """Accuracy alone: what choosing without safety tests would give."""
    return accuracy


def safety(_accuracy: Float64, attack: Float64, _pool: Pool) -> Float64:
    """Attack accuracy alone: what choosing without a performance test would give."""
    return 1.0 - attack


OBJECTIVES: Final[Mapping[str, Objective]] = {
    "tm-score": tm_score,
    "pareto": nearest_to_ideal,
    "constrained": within_limit,
    "accuracy": performance,
    "safety": safety,
}
