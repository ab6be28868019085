from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from sc_deploy.privacy.references import marginal
from sc_deploy.privacy.references.log_odds import LogOdds
from sc_deploy.privacy.references.marginal import Chance

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def chance(p: float) -> Chance:
    return Chance.of(special.logit(np.array([p])))


def test_the_offline_estimate_is_the_papers() -> None:
    found = marginal.offline(chance(0.55), a=0.3)
    assert special.expit(found)[0] == pytest.approx(0.7075, abs=1e-9)
    ratio = marginal.ratio(special.logit(np.array([0.95])), found)
    assert np.exp(ratio)[0] == pytest.approx(1.342756, abs=1e-6)


@pytest.mark.parametrize("inside", [True, False])
def test_the_mean_over_one_side_equals_the_slow_way_on_unbalanced_masks(
    inside: bool, world: Any
) -> None:
    seen, _ = world(200, 9, leak=2.0, seed=0, inside=0.3)
    found = marginal.of_side(seen, inside=inside, step=0.0)
    for row in range(200):
        mine = seen.references[seen.inside[:, row] == inside, row]
        if len(mine):
            assert np.exp(found.log_p[row]) == pytest.approx(special.expit(mine).mean(), rel=1e-9)
            assert np.exp(found.log_not[row]) == pytest.approx(
                special.expit(-mine).mean(), rel=1e-9
            )


def test_a_side_that_is_missing_is_the_other_moved_by_the_step() -> None:
    seen = LogOdds(np.zeros(1), np.array([[1.0], [2.0]]), np.ones((2, 1), np.bool_))
    found = marginal.of_side(seen, inside=False, step=3.0)
    assert found.log_odds[0] == pytest.approx(-1.5)


def test_both_sides_weigh_alike_whatever_their_numbers() -> None:
    found = marginal.online(chance(0.9), chance(0.4))
    assert special.expit(found)[0] == pytest.approx(0.65, abs=1e-12)


@pytest.mark.parametrize(("a", "expected"), [(1.0, 0.2), (0.0, 0.6)])
def test_the_ends_of_a(a: float, expected: float) -> None:
    assert special.expit(marginal.offline(chance(0.2), a=a))[0] == pytest.approx(
        expected, abs=1e-12
    )


@pytest.mark.parametrize("a", [0.0, 0.3, 1.0])
def test_sure_answers_do_not_run_out_of_digits(a: float) -> None:
    """At log-odds of 40 the probability itself is exactly one in float64."""
    phi = np.array([-50.0, -20.0, 0.0, 20.0, 40.0, 45.0, 50.0])
    seen = LogOdds(phi, np.array([phi, phi - 1.0]), np.zeros((2, 7), np.bool_))
    odds = marginal.offline(marginal.of_side(seen, inside=False, step=0.0), a=a)
    assert np.isfinite(odds).all()
    ratios = marginal.ratio(np.array([41.0, 43.0, 48.0]), odds[[4, 4, 4]])
    assert (np.diff(ratios) > 0).all()
    assert np.isfinite(marginal.ratio(phi, odds)).all()
