from __future__ import annotations

import numpy as np

from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge, Predictions
from sc_deploy.privacy.attacks.label_only import LabelOnlyAttack
from sc_deploy.privacy.statistics.auc import auc


def side(votes: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[Predictions, Knowledge]:
    """Votes beside answers that are all the same."""
    n = len(votes)
    answers = Predictions(
        np.zeros((n, 3), np.float32), np.zeros(n, np.int64), np.zeros((n, 32), np.uint8)
    )
    return answers, Knowledge(votes=votes)


def played(
    chances: tuple[list[float], list[float]], n: int = 400
) -> tuple[CalibrationSet, AuditSet]:
    """Members and non-members whose views are right with these chances."""
    rng = np.random.default_rng(0)
    sides = [side(rng.random((n, len(c))) < c) for _ in range(2) for c in chances]
    (a, ka), (b, kb), (c, kc), (d, kd) = sides
    return CalibrationSet(a, b, (ka, kb)), AuditSet(c, d, (kc, kd))


def test_a_sample_with_more_votes_never_has_a_lower_score() -> None:
    calibration, audit = played(([0.9, 0.7, 0.5], [0.5, 0.7, 0.9]))
    scores, _ = LabelOnlyAttack().fit(calibration, seed=0).evaluate(audit)
    votes = audit.known[0].votes
    assert votes is not None
    counts = votes.sum(axis=1)
    for fewer in range(3):
        assert scores[counts == fewer].max() < scores[counts == fewer + 1].min()


def test_among_equal_counts_the_views_that_members_keep_count_for_more() -> None:
    """As many votes on both sides: only which views they are gives members away."""
    calibration, audit = played(([0.8, 0.5, 0.2], [0.2, 0.5, 0.8]))
    members, others = LabelOnlyAttack().fit(calibration, seed=0).evaluate(audit)
    assert auc(members, others).value > 0.55
    counts = [
        side.votes.sum(axis=1).astype(float) for side in audit.known if side.votes is not None
    ]
    assert abs(auc(counts[0], counts[1]).value - 0.5) < 0.05


def test_views_that_everybody_keeps_tell_nothing() -> None:
    calibration, audit = played(([1.0, 1.0], [1.0, 1.0]))
    members, others = LabelOnlyAttack().fit(calibration, seed=0).evaluate(audit)
    assert auc(members, others).value == 0.5
