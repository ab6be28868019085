from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sc_deploy.contracts import AuditSet
from sc_deploy.privacy.attacks.gap import GapAttack
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_its_auc_is_one_half_and_half_the_gap_in_accuracy(game: Any) -> None:
    """Yeom et al. (1709.01604): what a model's accuracy gives away by itself."""
    round_ = game(4.0)
    fitted = GapAttack().fit(round_.calibration, seed=0)
    members, others = fitted.evaluate(round_.audit)
    gap = [
        (s.logits.argmax(axis=1) == s.labels).mean()
        for s in (round_.audit.members, round_.audit.non_members)
    ]
    assert auc(members, others).value == pytest.approx(0.5 + (gap[0] - gap[1]) / 2)
    assert fitted.threshold == 1.0


def test_a_model_that_is_always_wrong_gives_nothing_away(game: Any) -> None:
    audit = game(1.0).audit
    wrong = [replace(s, labels=s.logits.argmin(axis=1)) for s in (audit.members, audit.non_members)]
    members, others = GapAttack().fit(game(1.0).calibration, seed=0).evaluate(AuditSet(*wrong))
    assert auc(members, others).value == 0.5
