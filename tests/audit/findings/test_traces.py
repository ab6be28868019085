from __future__ import annotations

from typing import Any

import numpy as np

from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.findings.traces import leakage
from sc_deploy.audit.scores import Exposed
from sc_deploy.contracts import Knowledge, Predictions, Rate, Vulnerability
from sc_deploy.policy import Policy

N = 600


def world(leaky: np.ndarray[Any, Any]) -> dict[Any, Predictions]:
    """Members and non-members alike, but for those that are remembered."""
    rng = np.random.default_rng(0)
    found = {}
    for side, role in enumerate(AUDIT):
        logits = rng.normal(size=(N, 5))
        labels = np.zeros(N, np.int64)
        if side == 0:
            logits[leaky, 0] += 4.0
        ids = rng.integers(0, 256, (N, 32), dtype=np.uint8)
        found[role] = Predictions(logits.astype(np.float32), labels, ids)
    return found


def test_a_slice_that_training_marked_shows_what_the_average_hides(policy: Policy) -> None:
    leaky = np.arange(N) < 30
    answers = world(leaky)
    ids = answers[AUDIT[0]].sample_id
    marked = Vulnerability(ids, np.linspace(5.0, 0.0, N))
    found = leakage(marked, Exposed(answers), policy)
    assert found is not None
    assert (found.share, found.members) == (0.05, 30)
    assert found.auc.low > 0.8
    assert found.overall.high < 0.6


def test_a_mark_that_says_nothing_shows_no_more_than_the_average(policy: Policy) -> None:
    answers = world(np.zeros(N, bool))
    turn = np.random.default_rng(1).permutation(N)
    marked = Vulnerability(answers[AUDIT[0]].sample_id[turn], np.linspace(5.0, 0.0, N))
    found = leakage(marked, Exposed(answers), policy)
    assert found is not None
    assert found.auc.low < 0.5 < found.auc.high


def test_members_of_other_roles_in_the_list_are_left_out(policy: Policy) -> None:
    answers = world(np.arange(N) < 30)
    ids = answers[AUDIT[0]].sample_id
    others = np.random.default_rng(2).integers(0, 256, (N, 32), dtype=np.uint8)
    both = Vulnerability(np.concatenate([others, ids]), np.linspace(9.0, 0.0, 2 * N))
    alone = Vulnerability(ids, np.linspace(5.0, 0.0, N))
    assert leakage(both, Exposed(answers), policy) == leakage(alone, Exposed(answers), policy)


def test_too_few_members_give_no_figure(policy: Policy) -> None:
    answers = world(np.zeros(N, bool))
    few = Vulnerability(answers[AUDIT[0]].sample_id[:400], np.linspace(1.0, 0.0, 400))
    assert leakage(few, Exposed(answers), policy) is None
    assert leakage(None, Exposed(answers), policy) is None


def in_units(answers: dict[Any, Predictions], size: int) -> Exposed:
    """So many neighbouring samples a unit, none of them on both sides."""
    known = {
        role: Knowledge(unit=1000 * side + np.arange(N) // size) for side, role in enumerate(AUDIT)
    }
    return Exposed(answers, known)


def test_records_of_one_person_widen_the_intervals(policy: Policy) -> None:
    answers = world(np.zeros(N, bool))
    for role in AUDIT:
        found = answers[role]
        answers[role] = Predictions(
            np.repeat(found.logits[::10], 10, axis=0), found.labels, found.sample_id
        )
    # The slice has one record of a person; the other side, and everybody, ten.
    turn = np.arange(N).reshape(-1, 20).T.ravel()
    marked = Vulnerability(answers[AUDIT[0]].sample_id[turn], np.linspace(5.0, 0.0, N))
    plain = leakage(marked, Exposed(answers), policy)
    alone = leakage(marked, in_units(answers, 1), policy)
    grouped = leakage(marked, in_units(answers, 10), policy)
    assert plain is not None
    assert alone is not None
    assert grouped is not None
    assert plain.members == alone.members == grouped.members == 30
    assert width(grouped.overall) > 2 * width(plain.overall)
    assert width(grouped.auc) > 1.1 * width(plain.auc)
    assert 1.0 <= width(alone.auc) / width(plain.auc) < 1.1


def width(rate: Rate) -> float:
    return rate.high - rate.low


def test_a_slice_of_too_few_persons_gives_no_figure(policy: Policy) -> None:
    answers = world(np.arange(N) < 30)
    marked = Vulnerability(answers[AUDIT[0]].sample_id, np.linspace(5.0, 0.0, N))
    assert leakage(marked, Exposed(answers), policy) is not None
    assert leakage(marked, in_units(answers, 2), policy) is None
