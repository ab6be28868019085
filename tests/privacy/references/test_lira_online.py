from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.references import lira_online
from sc_deploy.privacy.references.log_odds import LogOdds
from sc_deploy.privacy.references.normal import Normal
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def normal(mean: float, deviation: float) -> Normal:
    return Normal(np.array([mean]), np.array([deviation]))


def test_the_ratio_is_the_papers() -> None:
    found = lira_online.likelihood_ratio(np.array([3.0]), normal(2.5, 0.5), normal(1.0, 0.8))
    assert found[0] == pytest.approx(3.095004, abs=1e-6)


def test_references_with_these_moments_give_the_same() -> None:
    half = np.sqrt(0.5)
    answers = np.array([2.5 + 0.5 * half, 2.5 - 0.5 * half, 1.0 + 0.8 * half, 1.0 - 0.8 * half])
    inside = np.array([True, True, False, False])
    seen = LogOdds(np.array([3.0]), answers[:, None], inside[:, None])
    scorer = lira_online.learn(seen, seen)
    assert [scorer.inside, scorer.outside] == pytest.approx([0.5, 0.8])
    assert scorer(seen)[0] == pytest.approx(3.095004, abs=1e-6)


def test_scores_equal_the_slow_way_on_unbalanced_masks(world: Any) -> None:
    members, others = world(300, 24, leak=1.0, seed=0, inside=0.3)
    scorer = lira_online.learn(members, others)
    found = scorer(members)
    for row in range(300):
        mask, answers = members.inside[:, row], members.references[:, row]
        sides = [
            stats.norm.logpdf(members.target[row], part.mean(), max(part.std(ddof=1), 0.1 * pooled))
            for part, pooled in ((answers[mask], scorer.inside), (answers[~mask], scorer.outside))
            if len(part) > 1
        ]
        if len(sides) == 2:
            assert found[row] == pytest.approx(sides[0] - sides[1], rel=1e-9, abs=1e-9)


def test_a_sample_that_lacks_a_side_is_scored_on_a_made_up_one(world: Any) -> None:
    members, others = world(500, 4, leak=2.0, seed=0)
    gaps = members.inside.all(axis=0) | ~members.inside.any(axis=0)
    assert 20 < gaps.sum() < 150
    scorer = lira_online.learn(members, others)
    judged = [
        scorer(side.take(side.inside.all(axis=0) | ~side.inside.any(axis=0)))
        for side in (members, others)
    ]
    assert all(np.isfinite(scores).all() for scores in judged)
    assert auc(judged[0], judged[1]).value > 0.6
