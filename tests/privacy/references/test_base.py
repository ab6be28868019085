from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from sc_deploy.privacy.references import base
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_the_score_is_the_ratio_to_the_average_model(world: Any) -> None:
    members, others = world(100, 20, leak=1.0, seed=0)
    found = base.learn(members, others)(members)
    for row in range(100):
        mask, p = members.inside[:, row], special.expit(members.references[:, row])
        average = (p[mask].mean() + p[~mask].mean()) / 2
        expected = np.log(special.expit(members.target[row]) / average)
        assert found[row] == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_references_that_trained_on_no_sample_are_used_with_a(world: Any) -> None:
    members, others = world(100, 4, leak=1.0, seed=0, inside=0.0)
    assert base.learn(members, others).a == 0.3


@pytest.mark.parametrize("inside", [0.0, 0.5])
def test_larger_means_member(inside: float, world: Any) -> None:
    calibration = world(400, 8, leak=2.0, seed=0, inside=inside)
    audit = world(2000, 8, leak=2.0, seed=1, inside=inside)
    assert auc(*map(base.learn(*calibration), audit)).rate(0.99).low > 0.6
