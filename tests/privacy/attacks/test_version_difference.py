from __future__ import annotations

import numpy as np

from sc_deploy.contracts import AuditSet, CalibrationSet, Channel, Knowledge, Predictions
from sc_deploy.contracts.arrays import Float64
from sc_deploy.privacy.attacks import by_name
from sc_deploy.privacy.attacks.version_difference import VersionDifferenceAttack
from sc_deploy.privacy.statistics.auc import auc

CLASSES = 5


def sides(
    n: int, apart: float, rng: np.random.Generator
) -> tuple[tuple[Predictions, Predictions], tuple[Knowledge, Knowledge]]:
    """Two versions that answer members alike and others `apart`, each by itself telling nothing."""
    answers, known = [], []
    for spread in (0.05, 0.05 + apart):
        labels = rng.integers(0, CLASSES, n)
        logits = rng.normal(size=(n, CLASSES))
        logits[np.arange(n), labels] += 2.0
        moved = spread * rng.normal(size=n)
        # Half of the spread goes to each, in opposite directions: both have one distribution.
        mine, other = logits.copy(), logits.copy()
        mine[np.arange(n), labels] += moved
        other[np.arange(n), labels] -= moved
        ids = rng.integers(0, 256, (n, 32), dtype=np.uint8)
        answers.append(Predictions(mine.astype(np.float32), labels, ids))
        known.append(Knowledge(versions=other[None].astype(np.float32)))
    return (answers[0], answers[1]), (known[0], known[1])


def found(apart: float, *, n: int = 800) -> tuple[Float64, Float64]:
    rng = np.random.default_rng(3)
    (inside, outside), known = sides(n, apart, rng)
    fitted = VersionDifferenceAttack().fit(CalibrationSet(inside, outside, known), seed=1)
    (inside, outside), known = sides(n, apart, rng)
    return fitted.evaluate(AuditSet(inside, outside, known))


def test_two_versions_give_away_together_what_neither_does_alone() -> None:
    assert auc(*found(0.5)).value > 0.85


def test_versions_that_differ_alike_for_all_tell_nothing() -> None:
    rate = auc(*found(0.0)).rate(0.99)
    assert rate.low < 0.5 < rate.high


def test_it_needs_another_version() -> None:
    assert by_name("version-difference").needs == {Channel.VERSIONS}


def test_more_than_one_other_version_is_read() -> None:
    rng = np.random.default_rng(5)
    (inside, outside), (one, two) = sides(400, 0.5, rng)
    doubled = tuple(
        Knowledge(versions=np.concatenate([rng.normal(size=k.versions.shape), k.versions]))
        for k in (one, two)
        if k.versions is not None
    )
    known = (doubled[0], doubled[1])
    fitted = VersionDifferenceAttack().fit(CalibrationSet(inside, outside, known), seed=1)
    assert auc(*fitted.evaluate(AuditSet(inside, outside, known))).value > 0.8


def test_the_same_seed_gives_the_same_scores() -> None:
    first, second = found(0.2), found(0.2)
    assert np.array_equal(first[0], second[0])


def test_the_threshold_is_a_score_of_calibration() -> None:
    rng = np.random.default_rng(3)
    (inside, outside), known = sides(200, 0.5, rng)
    fitted = VersionDifferenceAttack().fit(CalibrationSet(inside, outside, known), seed=1)
    scores = np.concatenate(fitted.evaluate(AuditSet(inside, outside, known)))
    assert fitted.threshold in scores
