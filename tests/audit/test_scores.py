from __future__ import annotations

from dataclasses import replace
from typing import Any

from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_a_model_that_is_met_again_keeps_its_attacker(plant: Any, world: Any) -> None:
    given = plant(replace(world, audit=50, calibration=50)).artifact
    again = {role: replace(found, logits=found.logits.copy()) for role, found in given.items()}
    attackers = Attackers(0)
    assert attackers.fit("loss", given) is attackers.fit("loss", again)
    assert attackers.fit("loss", given) is not attackers.fit("modified-entropy", given)


def test_a_model_that_differs_in_one_answer_gets_its_own_attacker(plant: Any, world: Any) -> None:
    given = plant(replace(world, audit=50, calibration=50)).artifact
    for role in (Role.MEMBER_CALIBRATION, Role.NON_MEMBER_CALIBRATION):
        attackers = Attackers(0)
        first = attackers.fit("loss", given)
        logits = given[role].logits.copy()
        logits[0, 0] += 1e-3
        assert (
            attackers.fit("loss", {**given, role: replace(given[role], logits=logits)}) is not first
        )
