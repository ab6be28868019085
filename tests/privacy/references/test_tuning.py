from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.privacy.references import base, tuning
from sc_deploy.privacy.references.log_odds import LogOdds
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_the_target_is_never_asked(world: Any) -> None:
    members, _ = world(600, 6, leak=2.0, seed=0)
    assert tuning.tuned(members) == tuning.tuned(replace(members, target=-9 * members.target))


@pytest.mark.parametrize("inside", [0.0, 0.01])
def test_references_that_cannot_be_attacked_leave_the_papers_a(inside: float, world: Any) -> None:
    members, _ = world(600, 4, leak=2.0, seed=0, inside=inside)
    assert tuning.tuned(members) == tuning.PAPERS


def susceptible(n: int, *, member: bool, share: float, seed: int) -> LogOdds:
    """Models whose probability p becomes `share` p + 1 - share by training on a sample."""
    rng = np.random.default_rng([seed, member])
    ease = rng.normal(0.0, 2.0, n)
    inside = rng.random((12, n)) < 0.5

    def answers(trained: Any) -> Any:
        odds = ease + 0.3 * rng.normal(size=np.shape(trained))
        p = 1 / (1 + np.exp(-odds))
        p = np.where(trained, share * p + 1 - share, p)
        return np.log(p) - np.log1p(-p)

    return LogOdds(answers(np.full(n, member)), answers(inside), inside)


@pytest.mark.parametrize("share", [0.2, 0.8])
def test_what_is_found_on_references_serves_the_target(share: float) -> None:
    found = tuning.tuned(susceptible(2000, member=False, share=share, seed=0))
    audit = [susceptible(4000, member=member, share=share, seed=1) for member in (True, False)]
    by_a = {a: auc(*(base.Base(a, 0.0)(side) for side in audit)).value for a in tuning.GRID}
    assert by_a[found] > max(by_a.values()) - 0.005
    assert max(by_a.values()) - min(by_a.values()) > 0.03
