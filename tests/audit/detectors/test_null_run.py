from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.null_run import null_run
from sc_deploy.audit.detectors.rehearsal import Rehearsal, Side
from sc_deploy.contracts import (
    NOTHING,
    AuditSet,
    CalibrationSet,
    Cause,
    Channel,
    FittedAttack,
    Outcome,
    Predictions,
    Role,
)
from sc_deploy.contracts.arrays import Float64
from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks import by_name

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@dataclass(frozen=True)
class Cheat:
    """An attack whose code treats its two sides differently: it standardises each by itself, and
    lifts the one it was told are members, as code does that reads a side's name."""

    name: str = "cheat"
    chance: bool = False
    needs: frozenset[Channel] = frozenset()
    threshold: float = 0.0

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedAttack:
        return self

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        first, second = (
            signals.margin(side.logits, side.labels) for side in (audit.members, audit.non_members)
        )
        return first - first.mean() + 1.0, second - second.mean()


def rehearsal(answers: Any) -> Rehearsal:
    def side(role: Role) -> Side:
        found: Predictions = answers[role]
        return Side(found, NOTHING)

    return Rehearsal(
        (side(Role.MEMBER_CALIBRATION), side(Role.NON_MEMBER_CALIBRATION)),
        (side(Role.MEMBER_AUDIT), side(Role.NON_MEMBER_AUDIT)),
    )


@pytest.mark.parametrize("leak", [0.0, 3.0])
def test_honest_attacks_find_nothing_even_in_a_model_that_leaks(
    plant: Any, world: Any, leak: float
) -> None:
    given = plant(replace(world, leak=leak, audit=400, calibration=200, test=20))
    attacks = [by_name(name) for name in ("loss", "modified-entropy", "neural")]
    assert null_run(rehearsal(given.artifact), attacks, seed=0).outcome is Outcome.PASS


def test_an_attack_that_knows_its_sides_is_found_out(given: Any) -> None:
    check = null_run(rehearsal(given.artifact), [by_name("loss"), Cheat()], seed=0)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert "cheat" in check.reason
    assert "loss" not in check.reason


def test_it_is_rarely_alarmed_by_chance(plant: Any, world: Any) -> None:
    given = rehearsal(plant(replace(world, leak=1.0, audit=100, calibration=50, test=20)).artifact)
    attacks = [by_name("loss"), by_name("modified-entropy")]
    alarms = sum(
        null_run(given, attacks, seed=seed).outcome is not Outcome.PASS for seed in range(600)
    )
    assert alarms <= 4


def test_it_is_rarely_alarmed_by_people_of_many_samples(plant: Any, world: Any) -> None:
    """Each sample is there ten times, as records of one person are alike: the lot is by sample."""
    given = rehearsal(plant(replace(world, leak=1.0, audit=20, calibration=20, test=20)).artifact)
    tenfold = Rehearsal(
        *(
            (first.take(np.repeat(np.arange(20), 10)), second.take(np.repeat(np.arange(20), 10)))
            for first, second in (given.calibration, given.audit)
        )
    )
    attacks = [by_name("loss"), by_name("modified-entropy")]
    alarms = sum(
        null_run(tenfold, attacks, seed=seed).outcome is not Outcome.PASS for seed in range(600)
    )
    assert alarms <= 4


def test_the_same_seed_gives_the_same_answer(given: Any) -> None:
    found = [null_run(rehearsal(given.artifact), [by_name("neural")], seed=5) for _ in range(2)]
    assert found[0] == found[1]
