from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.findings.leakage import View, attack_result, subject, tie_mass
from sc_deploy.audit.scores import Attackers, Exposed, Scores, score
from sc_deploy.contracts import Rate, Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.

TEST = Rate(0.9, 0.88, 0.92, 1000, 0.9)
VIEW = View(0.9, (0.01, 0.001), None)


def scores(n: int, leak: float = 0.0) -> Scores:
    rng = np.random.default_rng(0)
    return Scores("loss", 0.0, rng.normal(leak, 1, n), rng.normal(size=n), None)


def test_a_rate_that_the_samples_cannot_resolve_is_not_a_number() -> None:
    low, lower = attack_result(scores(1000), TEST, VIEW).tpr
    assert low.rate is not None
    assert lower.rate is None
    assert "3688" in lower.note


def test_tm_score_is_accuracy_over_attack_accuracy() -> None:
    found = attack_result(scores(2000, leak=1.0), TEST, VIEW)
    assert found.tm_score.value == pytest.approx(0.9 / found.accuracy.value)
    assert found.tm_score.low < found.tm_score.value < found.tm_score.high


def test_an_attack_worse_than_a_coin_does_not_raise_the_tm_score() -> None:
    backwards = Scores("loss", 0.0, np.full(50, -1.0), np.full(50, 1.0), None)
    assert attack_result(backwards, TEST, VIEW).tm_score.value == pytest.approx(1.8)


def test_tie_mass_is_the_share_of_the_commonest_score() -> None:
    tied = Scores("loss", 0.0, np.array([1.0, 1, 1, 2]), np.array([1.0, 3, 4, 5]), None)
    assert tie_mass(tied) == 0.5
    assert tie_mass(scores(100)) == pytest.approx(1 / 200)


def test_clean_samples_show_what_label_noise_hides(plant: Any, world: Any) -> None:
    """Half of the members carry a wrong label that was learned by heart."""
    given = plant(replace(world, audit=600, leak=0.0)).artifact
    noisy = given[Role.MEMBER_AUDIT]
    noisy.logits[np.arange(300), noisy.labels[:300]] += 20
    clean = np.concatenate([noisy.sample_id[300:], given[Role.NON_MEMBER_AUDIT].sample_id])
    found = [score("loss", Exposed(given), Attackers(0), quantization=None)]
    result = subject("artifact", given, found, replace(VIEW, clean=clean))
    assert result.attacks[0].auc.low > 0.6
    assert result.clean_auc is not None
    assert result.clean_auc.low < 0.5 < result.clean_auc.high
    assert subject("artifact", given, found, VIEW).clean_auc is None


def test_nothing_in_a_result_has_as_many_values_as_there_are_samples() -> None:
    found = attack_result(scores(1234), TEST, VIEW)
    assert len(found.curve.fpr) == len(found.curve.tpr) == 61
