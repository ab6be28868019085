from __future__ import annotations

from typing import Any

import numpy as np

from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.findings.traces import leakage
from sc_deploy.contracts import Predictions, Vulnerability
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
    found = leakage(marked, answers, policy)
    assert found is not None
    assert (found.share, found.members) == (0.05, 30)
    assert found.auc.low > 0.8
    assert found.overall.high < 0.6


def test_a_mark_that_says_nothing_shows_no_more_than_the_average(policy: Policy) -> None:
    answers = world(np.zeros(N, bool))
    turn = np.random.default_rng(1).permutation(N)
    marked = Vulnerability(answers[AUDIT[0]].sample_id[turn], np.linspace(5.0, 0.0, N))
    found = leakage(marked, answers, policy)
    assert found is not None
    assert found.auc.low < 0.5 < found.auc.high


def test_members_of_other_roles_in_the_list_are_left_out(policy: Policy) -> None:
    answers = world(np.arange(N) < 30)
    ids = answers[AUDIT[0]].sample_id
    others = np.random.default_rng(2).integers(0, 256, (N, 32), dtype=np.uint8)
    both = Vulnerability(np.concatenate([others, ids]), np.linspace(9.0, 0.0, 2 * N))
    alone = Vulnerability(ids, np.linspace(5.0, 0.0, N))
    assert leakage(both, answers, policy) == leakage(alone, answers, policy)


def test_too_few_members_give_no_figure(policy: Policy) -> None:
    answers = world(np.zeros(N, bool))
    few = Vulnerability(answers[AUDIT[0]].sample_id[:400], np.linspace(1.0, 0.0, 400))
    assert leakage(few, answers, policy) is None
    assert leakage(None, answers, policy) is None
