"""What makes a candidate better."""

from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.compress.candidates.objective import OBJECTIVES, Pool
from sc_deploy.contracts import Candidate, Rate

ACCURACY = np.array([0.82, 0.80, 0.60, 0.79])
ATTACK = np.array([0.66, 0.56, 0.50, 0.57])


def pool(limit: float | None = None) -> Pool:
    return Pool.of(
        [
            Candidate(
                1, 1, None, 0.1, Rate(a, a, a, 9), (("x", Rate(t, t - 0.05, t + 0.05, 9)),), False
            )
            for a, t in zip(ACCURACY, ATTACK, strict=True)
        ],
        [limit is None or t + 0.05 <= limit for t in ATTACK],
    )


@pytest.mark.parametrize(
    ("objective", "order"),
    [
        ("tm-score", [1, 3, 0, 2]),
        ("accuracy", [0, 1, 3, 2]),
        ("safety", [2, 1, 3, 0]),
        ("pareto", [1, 3, 0, 2]),
    ],
)
def test_candidates_in_the_order_of_each_objective(objective: str, order: list[int]) -> None:
    worth = OBJECTIVES[objective](ACCURACY, ATTACK, pool())
    assert np.argsort(-worth).tolist() == order


def test_the_nearest_to_the_ideal_is_not_dominated() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        accuracy, attack = rng.random(8), 0.5 + rng.random(8) / 2
        found = Pool(accuracy, attack, np.ones(8, bool))
        best = int(OBJECTIVES["pareto"](accuracy, attack, found).argmax())
        no_worse = (accuracy >= accuracy[best]) & (attack <= attack[best])
        better = (accuracy > accuracy[best]) | (attack < attack[best])
        assert not (no_worse & better).any()


def test_the_upper_bound_of_leakage_must_lie_within_the_limit() -> None:
    """Bounds are .71, .61, .55 and .62."""
    worth = OBJECTIVES["constrained"](ACCURACY, ATTACK, pool(0.615))
    assert np.argsort(-worth).tolist() == [1, 2, 3, 0]


def test_where_nobody_is_within_the_limit_the_least_leak_wins() -> None:
    worth = OBJECTIVES["constrained"](ACCURACY, ATTACK, pool(0.5))
    assert int(worth.argmax()) == 2
