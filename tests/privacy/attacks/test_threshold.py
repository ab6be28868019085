from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64

SCORES = st.lists(st.integers(0, 6), min_size=1, max_size=12).map(
    lambda values: np.array(values, dtype=np.float64)
)


def balanced(members: Float64, others: Float64, threshold: float) -> float:
    return float((members >= threshold).mean() + (others < threshold).mean()) / 2


@settings(max_examples=100, deadline=None)
@given(SCORES, SCORES)
def test_no_other_threshold_does_better(members: Float64, others: Float64) -> None:
    best = balanced(members, others, best_threshold(members, others))
    for cut in (-1, 0, 1, 2, 3, 4, 5, 6, 7):
        assert balanced(members, others, cut) <= best + 1e-12


def test_it_lies_between_separated_sides() -> None:
    assert best_threshold(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 3.0


def test_if_nothing_helps_nobody_is_accused() -> None:
    assert best_threshold(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == math.inf
