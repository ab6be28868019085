from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.references import lira_offline
from sc_deploy.privacy.references.log_odds import LogOdds

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def outside(phi: float) -> LogOdds:
    """One sample whose two OUT references have the mean 1 and the deviation .8."""
    answers = np.array([[1.0 + 0.8 * np.sqrt(0.5)], [1.0 - 0.8 * np.sqrt(0.5)]])
    return LogOdds(np.array([phi]), answers, np.zeros((2, 1), np.bool_))


def test_the_score_is_the_papers_one_sided_probability() -> None:
    seen = outside(3.0)
    z = lira_offline.learn(seen, seen)(seen)[0]
    assert stats.norm.cdf(z) == pytest.approx(0.993790, abs=1e-6)


def test_the_score_rises_with_the_answer_and_never_ties() -> None:
    """LiRA's code scores by the density, which falls again above the mean."""
    scorer = lira_offline.learn(outside(0.0), outside(0.0))
    scores = [scorer(outside(phi))[0] for phi in (-50.0, -5.0, 0.9, 1.1, 3.0, 20.0, 49.0, 50.0)]
    assert np.isfinite(scores).all()
    assert (np.diff(scores) > 0).all()


def test_references_that_trained_on_a_sample_are_not_asked(world: Any) -> None:
    members, others = world(100, 8, leak=1.0, seed=0)
    scorer = lira_offline.learn(members, others)
    known = members.take(~members.inside.all(axis=0))
    answers = np.where(known.inside, 99.0, known.references)
    np.testing.assert_allclose(scorer(LogOdds(known.target, answers, known.inside)), scorer(known))
