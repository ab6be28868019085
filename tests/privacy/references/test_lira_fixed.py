from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.references import lira_fixed, lira_online
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_every_sample_has_the_pooled_deviation_of_its_side(world: Any) -> None:
    members, others = world(200, 30, leak=1.0, seed=0)
    scorer = lira_fixed.learn(members, others)
    found = scorer(members)
    assert scorer.inside is not None
    for row in range(200):
        mask, answers = members.inside[:, row], members.references[:, row]
        inside, outside = answers[mask].mean(), answers[~mask].mean()
        expected = stats.norm.logpdf(members.target[row], inside, scorer.inside)
        expected -= stats.norm.logpdf(members.target[row], outside, scorer.outside)
        assert found[row] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_without_references_that_trained_on_the_samples_it_is_one_sided(world: Any) -> None:
    members, others = world(200, 4, leak=1.0, seed=0, inside=0.0)
    scorer = lira_fixed.learn(members, others)
    assert scorer.inside is None
    expected = (members.target - members.references.mean(axis=0)) / scorer.outside
    np.testing.assert_allclose(scorer(members), expected)


def test_with_few_references_one_variance_beats_one_for_each(world: Any) -> None:
    calibration, audit = world(1000, 6, leak=1.0, seed=0), world(5000, 6, leak=1.0, seed=1)
    fixed, each = (
        auc(*map(scorer.learn(*calibration), audit)).value for scorer in (lira_fixed, lira_online)
    )
    assert fixed > each + 0.01
