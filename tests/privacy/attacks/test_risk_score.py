from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import special

from sc_deploy.contracts import CalibrationSet
from sc_deploy.privacy.attacks.risk_score import Risk, RiskScore
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_the_risk_of_two_gaussians_is_their_likelihood_ratio() -> None:
    """N(1, 1) against N(0, 1): the log-odds of membership are x - 1/2."""
    rng = np.random.default_rng(0)
    risk = Risk.of(rng.normal(1, 1, 200_000), rng.normal(0, 1, 200_000))
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
    np.testing.assert_allclose(risk.place(x), x - 0.5, atol=0.1)


def test_its_probability_is_calibrated(game: Any) -> None:
    """Of samples with a risk near r, a share of about r are members."""
    round_ = game(3.0, calibration=3000, audit=20_000)
    members, others = RiskScore().fit(round_.calibration, seed=0).evaluate(round_.audit)
    risk = special.expit(np.concatenate([members, others]))
    member = np.repeat([True, False], [len(members), len(others)])
    for low, high in ((0.2, 0.4), (0.4, 0.6), (0.6, 0.8)):
        near = (risk >= low) & (risk < high)
        assert near.sum() > 300
        assert member[near].mean() == pytest.approx(risk[near].mean(), abs=0.05)


def test_steps_of_the_histogram_do_not_tie_members(game: Any) -> None:
    round_ = game(6.0, calibration=200)
    members, _ = RiskScore().fit(round_.calibration, seed=0).evaluate(round_.audit)
    assert len(np.unique(members)) == len(members)


def test_the_tie_break_never_overrules_a_difference_of_risk() -> None:
    risk = Risk.of(np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 2.0]))
    beyond = risk.place(np.array([1e3, 2e3]))
    assert 0 < beyond[1] - beyond[0] < 0.01


def test_answers_that_differ_by_rounding_get_almost_the_same_risks(game: Any) -> None:
    """Or the change between a file and its source would be the luck of two histograms."""
    round_ = game(1.0)
    told = [round_.calibration.members, round_.calibration.non_members]
    rng = np.random.default_rng(0)
    shaken = [
        replace(s, logits=(s.logits + 1e-3 * rng.normal(size=s.logits.shape)).astype(np.float32))
        for s in told
    ]
    first = auc(*RiskScore().fit(round_.calibration, seed=0).evaluate(round_.audit)).value
    other = auc(*RiskScore().fit(CalibrationSet(*shaken), seed=0).evaluate(round_.audit)).value
    assert abs(first - other) < 0.003


def test_a_class_with_few_samples_uses_the_histogram_of_all(game: Any) -> None:
    fitted = RiskScore().fit(game(1.0, calibration=300).calibration, seed=0)
    assert len(fitted.risks) < 10
