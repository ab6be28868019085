"""Defects that were found in other tools for membership inference, and that must not be ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge, Predictions
from sc_deploy.policy import AttackName
from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks import by_name
from sc_deploy.privacy.attacks.quantile import QuantileAttack
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.roc import curve

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64

OF_ONE_ANSWER = tuple(name for name in get_args(AttackName) if not by_name(name).needs)
QUICK = tuple(name for name in OF_ONE_ANSWER if not name.startswith("neural"))


def overfitted(n: int, *, member: bool, seed: int) -> Predictions:
    """A model that knows its members by heart and is right about half of the others."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, n)
    answered = labels if member else np.where(rng.random(n) < 0.5, labels, rng.integers(0, 5, n))
    logits = rng.normal(size=(n, 5))
    logits[np.arange(n), answered] += 6.0 if member else 3.0
    ids = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    return Predictions(logits.astype(np.float32), labels, ids)


def sides(n: int, seed: int) -> tuple[Predictions, Predictions]:
    return overfitted(n, member=True, seed=seed), overfitted(n, member=False, seed=seed + 1)


@pytest.mark.parametrize("name", QUICK)
def test_an_overfitted_model_is_found_and_not_called_the_wrong_way_round(name: str) -> None:
    """Privacy Meter negated a softmax probability, LeakPro called a large loss a member."""
    fitted = by_name(name).fit(CalibrationSet(*sides(400, 0)), seed=0)
    members, others = fitted.evaluate(AuditSet(*sides(800, 10)))
    assert auc(members, others).rate(0.99).low > 0.65
    named, accused = (members >= fitted.threshold).mean(), (others >= fitted.threshold).mean()
    assert named > accused + 0.25


def test_a_probability_and_its_loss_point_to_the_same_samples() -> None:
    """The margin stands for the loss: larger where the probability of the label is larger."""
    given = sides(300, 0)[1]
    p = signals.posteriors(given.logits)[np.arange(300), given.labels]
    margin = signals.margin(given.logits, given.labels)
    np.testing.assert_array_equal(np.argsort(margin), np.argsort(p))
    np.testing.assert_array_equal(
        np.argsort(margin), np.argsort(-signals.loss(given.logits, given.labels))
    )


TIED = (
    (np.array([9.0, 5.0]), np.array([9.0, 5.0])),
    (np.array([9.0, 9.0, 5.0]), np.array([9.0, 5.0, 5.0, 5.0])),
    (np.array([1.0]), np.array([1.0, 1.0])),
)


@pytest.mark.parametrize("scores", TIED)
@pytest.mark.parametrize("reverse", [False, True])
def test_tied_scores_count_half_in_whatever_order_they_come(
    scores: tuple[Float64, Float64], *, reverse: bool
) -> None:
    """LeakPro took the first of tied samples: .375 in place of one half."""
    members, others = (side[::-1] if reverse else side for side in scores)
    truth = np.repeat([1, 0], [len(members), len(others)])
    expected = roc_auc_score(truth, np.concatenate([members, others]))
    assert auc(members, others).value == pytest.approx(expected)


def test_the_roc_curve_never_splits_samples_that_tie() -> None:
    """Of ten members and ten others with one score, none can be told from the rest."""
    found = curve(np.full(10, 3.0), np.full(10, 3.0))
    assert set(found.tpr[:-1]) == {0.0}
    assert found.tpr[-1] == 1.0


def test_the_quantile_attack_learns_a_margin_and_not_its_whole_part() -> None:
    """LeakPro cast the target to integers, which leaves nothing of margins below one."""

    def told(n: int, leak: float, seed: int) -> tuple[Predictions, Knowledge]:
        rng = np.random.default_rng(seed)
        ease = rng.uniform(-0.8, 0.8, n)
        margin = ease + leak + 0.05 * rng.normal(size=n)
        logits = np.stack([margin / 2, -margin / 2], axis=1).astype(np.float32)
        given = Predictions(logits, np.zeros(n, np.int64), np.zeros((n, 32), np.uint8))
        return given, Knowledge(inputs=ease[:, None].astype(np.float32))

    drawn = [told(500, leak, seed) for seed, leak in enumerate((0.1, 0.0, 0.1, 0.0))]
    (a, ka), (b, kb), (c, kc), (d, kd) = drawn
    fitted = QuantileAttack().fit(CalibrationSet(a, b, (ka, kb)), seed=0)
    assert auc(*fitted.evaluate(AuditSet(c, d, (kc, kd)))).value > 0.8


def test_members_beyond_the_shorter_side_are_scored_too() -> None:
    """SafeCompress read both sides with one zip, and dropped what the shorter lacked."""
    members, others = sides(300, 0)
    few = replace(
        others,
        logits=others.logits[:40],
        labels=others.labels[:40],
        sample_id=others.sample_id[:40],
    )
    for name in QUICK:
        fitted = by_name(name).fit(CalibrationSet(*sides(100, 20)), seed=0)
        found = fitted.evaluate(AuditSet(members, few))
        assert [len(side) for side in found] == [300, 40]
