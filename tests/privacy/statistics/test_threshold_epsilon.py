"""Epsilon at one threshold: its formula, and how often it accuses a private model."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.statistics.proportion import Decisions
from sc_deploy.privacy.statistics.threshold_epsilon import threshold_epsilon


def test_the_bound_is_the_log_ratio_of_exact_bounds() -> None:
    fnr = stats.binomtest(300, 1000).proportion_ci(0.95, method="exact").high
    fpr = stats.binomtest(50, 1000).proportion_ci(0.95, method="exact").high
    found = threshold_epsilon(Decisions(700, 1000, 950, 1000), confidence=0.95)
    assert found == pytest.approx(math.log((1 - fnr) / fpr))


def test_both_directions_count() -> None:
    """Sparing a non-member surely says as much as naming a member surely."""
    here = threshold_epsilon(Decisions(700, 1000, 950, 1000), confidence=0.95)
    there = threshold_epsilon(Decisions(950, 1000, 700, 1000), confidence=0.95)
    assert here == pytest.approx(there)


def test_delta_weakens_the_bound_and_never_breaks_it() -> None:
    decisions = Decisions(30, 1000, 999, 1000)
    found = [threshold_epsilon(decisions, confidence=0.95, delta=d) for d in (0.0, 1e-3, 0.5)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == 0.0


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_a_private_model_is_called_so_in_95_of_100_audits(share: float) -> None:
    """D9: of a model without leak, TPR equals FPR, and any bound above 0 is wrong."""
    rng = np.random.default_rng(0)
    named, alarms = rng.binomial(1000, share, (2, 2000))
    wrong = sum(
        threshold_epsilon(Decisions(int(m), 1000, 1000 - int(a), 1000), confidence=0.95) > 0
        for m, a in zip(named, alarms, strict=True)
    )
    assert wrong / 2000 <= 0.05
