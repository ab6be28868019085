from __future__ import annotations

from dataclasses import replace

import numpy as np

from sc_deploy.audit.detectors.rehearsal import Rehearsal, Side, permuted, planted, shortened
from sc_deploy.contracts import Knowledge, Predictions
from sc_deploy.privacy import signals
from sc_deploy.privacy.statistics.auc import auc


def side(n: int, first: int, *, skill: float = 3.0) -> Side:
    """Samples `first`, `first + 1`, …; all that is known of one carries its number."""
    numbers = np.arange(first, first + n)
    rng = np.random.default_rng(first)
    labels = rng.integers(0, 5, n)
    logits = rng.normal(size=(n, 5)).astype(np.float32)
    logits[np.arange(n), labels] += np.float32(skill)
    ids = np.zeros((n, 32), np.uint8)
    ids[:, 0], ids[:, 1] = numbers % 256, numbers // 256
    known = Knowledge(
        inputs=numbers[:, None].astype(np.float32),
        votes=rng.random((n, 3)) < 0.5,
        distance=rng.random(n),
        versions=np.tile(numbers[None, :, None], (2, 1, 5)).astype(np.float32),
    )
    return Side(Predictions(logits, labels, ids), known)


def exam(n: int = 40) -> Rehearsal:
    return Rehearsal((side(n, 0), side(n, 1000)), (side(n, 2000), side(n, 3000)))


def numbers(given: Side) -> list[int]:
    return [int(row[0]) + 256 * int(row[1]) for row in given.answers.sample_id]


def test_the_null_run_changes_the_data() -> None:
    """SACRO-ML's permutation rebinds local names, so that its null run is the run itself."""
    before = exam()
    after = permuted(before, seed=0)
    for old, new in ((before.calibration, after.calibration), (before.audit, after.audit)):
        assert [len(numbers(part)) for part in new] == [len(numbers(part)) for part in old]
        moved = set(numbers(new[0])) & set(numbers(old[1]))
        assert 8 <= len(moved) <= 32
        assert sorted(numbers(new[0]) + numbers(new[1])) == sorted(
            numbers(old[0]) + numbers(old[1])
        )


def test_another_seed_deals_otherwise_and_the_same_seed_alike() -> None:
    first, again, other = (numbers(permuted(exam(), seed=seed).audit[0]) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_what_is_known_of_a_sample_goes_where_it_goes() -> None:
    for given in (permuted(exam(), seed=0), shortened(exam(600), seed=0)):
        for part in (*given.calibration, *given.audit):
            assert part.known.inputs is not None
            assert part.known.versions is not None
            assert part.known.inputs[:, 0].tolist() == numbers(part)
            assert part.known.versions[1, :, 0].tolist() == numbers(part)


def test_knowledge_that_one_side_lacks_is_not_made_up() -> None:
    given = exam()
    lacking = replace(given.audit[1], known=Knowledge())
    dealt = permuted(Rehearsal(given.calibration, (given.audit[0], lacking)), seed=0)
    assert dealt.audit[0].known.channels == frozenset()
    assert dealt.calibration[0].known.inputs is not None


def test_a_rehearsal_is_shortened_to_what_is_learned_in_a_moment() -> None:
    short = shortened(exam(600), seed=0)
    assert [len(numbers(part)) for part in short.calibration] == [250, 250]
    assert [len(numbers(part)) for part in short.audit] == [500, 500]
    assert set(numbers(short.audit[0])) < set(numbers(exam(600).audit[0]))


def test_a_planted_leak_shows_in_margins_right_answers_votes_and_distances() -> None:
    inside, outside = planted(exam(300)).audit
    scores = [
        signals.margin(part.answers.logits, part.answers.labels) for part in (inside, outside)
    ]
    right = [(values > 0).astype(float) for values in scores]
    assert auc(scores[0], scores[1]).value > 0.95
    assert auc(right[0], right[1]).value > 0.65
    assert inside.known.votes is not None
    assert inside.known.votes.all()
    assert outside.known.votes is not None
    assert not outside.known.votes.any()
    assert inside.known.distance is not None
    assert outside.known.distance is not None
    assert inside.known.distance.min() > outside.known.distance.max()


def test_planting_leaves_the_given_answers_alone() -> None:
    given = exam()
    before = given.audit[0].answers.logits.copy()
    planted(given)
    np.testing.assert_array_equal(given.audit[0].answers.logits, before)
