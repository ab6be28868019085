from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from sc_deploy.privacy.references import base, rmia
from sc_deploy.privacy.references.base import Base
from sc_deploy.privacy.references.log_odds import LogOdds
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def asked(own: list[float], outside: list[float]) -> LogOdds:
    """Samples of these probabilities, and one reference that trained on none of them."""
    return LogOdds(special.logit(own), special.logit([outside]), np.zeros((1, len(own)), np.bool_))


@pytest.mark.parametrize(("gamma", "expected"), [(1.0, 1.0), (2.0, 0.25)])
def test_the_score_is_the_papers(gamma: float, expected: float) -> None:
    ratio = Base(a=0.3, step=0.0)
    population = ratio(asked([0.9, 0.3, 0.6, 0.99], [0.8, 0.5, 0.2, 0.9]))
    sample = asked([0.95], [0.55])
    likelihoods = np.exp(ratio(sample)[0] - population)
    np.testing.assert_allclose(likelihoods, [1.298, 3.021, 1.074, 1.268], atol=5e-4)
    assert rmia.Rmia(ratio, np.sort(population), gamma)(sample)[0] == expected


@pytest.mark.parametrize("learn", [rmia.learn_offline, rmia.learn_online])
def test_scores_equal_the_slow_way(learn: Any, world: Any) -> None:
    members, others = world(120, 9, leak=2.0, seed=0, inside=0.4)
    scorer = learn(members, others)
    found, ratio = scorer(members), scorer.ratio
    for row, own in enumerate(ratio(members)):
        beaten = [np.exp(own) / np.exp(z) >= 2.0 for z in ratio(others)]
        assert found[row] == pytest.approx(np.mean(beaten))


@pytest.mark.parametrize("inside", [0.0, 0.5])
def test_it_ranks_as_base_does_up_to_its_own_ties(inside: float, world: Any) -> None:
    calibration = world(400, 8, leak=1.5, seed=0, inside=inside)
    audit = world(1500, 8, leak=1.5, seed=1, inside=inside)
    literal = (rmia.learn_online if inside else rmia.learn_offline)(*calibration)
    smooth = base.learn(*calibration)
    assert literal.ratio == smooth
    counted, ratios = (np.concatenate([f(side) for side in audit]) for f in (literal, smooth))
    order = np.argsort(ratios)
    assert (np.diff(counted[order]) >= 0).all()
    # Each threshold of RMIA calls the same samples members as some threshold of BASE.
    for threshold in np.unique(counted):
        named = counted >= threshold
        assert (named == (ratios >= ratios[named].min())).all()
    assert auc(*map(literal, audit)).value == pytest.approx(
        auc(*map(smooth, audit)).value, abs=0.02
    )


def test_the_population_is_of_calibration_non_members(world: Any) -> None:
    members, others = world(100, 4, leak=1.0, seed=0)
    scorer = rmia.learn_offline(members, others)
    np.testing.assert_array_equal(scorer.population, np.sort(scorer.ratio(others)))
