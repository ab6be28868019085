"""The planned number of canaries against simulated coins."""

from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.audit.findings import canaries
from sc_deploy.audit.planned.coins import demands
from sc_deploy.audit.planned.demand import Assumptions
from sc_deploy.audit.planned.planner import least
from sc_deploy.policy import Canaries, Policy
from sc_deploy.privacy.canaries import Coins, guess
from sc_deploy.privacy.statistics.proportion import proportion

DRAWS = 400


def policy(epsilon: float) -> Policy:
    return Policy(name="one", canaries=Canaries(epsilon=epsilon, guesses=0.5))


def coins(n: int, distance: float, rng: np.random.Generator) -> Coins:
    member = rng.random(n) < 0.5
    ids = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    return Coins(rng.normal(size=n) + distance * member, member, ids)


@pytest.mark.parametrize(("auc", "distance"), [(0.5, 0.0), (0.55, 0.1777)])
def test_the_planned_canaries_pass_as_often_as_promised(auc: float, distance: float) -> None:
    asked = policy(0.9)
    (planned,) = demands(asked, Assumptions(canary_auc=auc))
    assert planned.name == canaries.RIGHT
    n = least(lambda n: planned.passes((n, n)) >= 0.9) or 0
    rng = np.random.default_rng(7)
    passed = 0
    for _ in range(DRAWS):
        guessed = guess(coins(n, distance, rng), share=asked.canaries.guesses)
        bound = proportion(guessed.right, guessed.guesses, confidence=0.9).high
        passed += bound < planned.limit
    assert passed / DRAWS == pytest.approx(planned.passes((n, n)), abs=0.04)


def test_a_tighter_limit_and_fewer_guesses_take_more_canaries() -> None:
    def needed(asked: Policy) -> int:
        (planned,) = demands(asked, Assumptions())
        return least(lambda n: planned.passes((n, n)) >= 0.9) or 0

    few = Policy(name="few", canaries=Canaries(epsilon=1.4, guesses=0.1))
    assert needed(policy(1.4)) < needed(policy(0.7)) < needed(policy(0.3))
    assert needed(policy(1.4)) < needed(few)


def test_a_limit_of_auc_is_planned_on_half_of_the_canaries_a_side() -> None:
    asked = Policy(name="auc", canaries=Canaries(epsilon=None, auc=0.7))
    (planned,) = demands(asked, Assumptions())
    assert planned.name == canaries.AUC
    assert planned.passes((1, 1)) == 0.0
    assert planned.passes((50, 50)) < planned.passes((200, 200))


def test_nothing_is_planned_for_limits_that_are_only_shown() -> None:
    assert not list(demands(Policy(name="free", canaries=Canaries(epsilon=None)), Assumptions()))
