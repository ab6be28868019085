from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sc_deploy.audit.detectors.control import control
from sc_deploy.audit.detectors.rehearsal import Rehearsal, Side
from sc_deploy.contracts import (
    Attack,
    AuditSet,
    CalibrationSet,
    Cause,
    Channel,
    FittedAttack,
    Knowledge,
    Outcome,
    Predictions,
    References,
)
from sc_deploy.contracts.arrays import Float32, Float64, Int64
from sc_deploy.privacy.attacks import ATTACKS, by_name

WORLDS = {
    "usual": (10, 3.0),
    "two classes": (2, 2.0),
    "never wrong": (10, 40.0),
    "many classes": (100, 2.0),
}
KNOWN = {Channel.INPUTS, Channel.VOTES, Channel.DISTANCE, Channel.REFERENCES}
EXAMINED = [
    pytest.param(attack, *size, id=f"{attack.name}, {world}")
    for attack in ATTACKS
    for world, size in WORLDS.items()
    # Networks take seconds to fit, and see the same in every world.
    if attack.needs <= KNOWN and (world == "usual" or not attack.chance)
]


@dataclass(frozen=True)
class Blind:
    """An attack that sees nothing: what a broken reader of answers comes to."""

    name: str = "blind"
    chance: bool = True
    needs: frozenset[Channel] = frozenset()
    threshold: float = 0.0

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedAttack:
        return self

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        rng = np.random.default_rng(0)
        return rng.normal(size=len(audit.members.labels)), rng.normal(
            size=len(audit.non_members.labels)
        )


def rehearsal(classes: int, skill: float) -> Rehearsal:
    """A model that knows no member, beside eight others of its kind."""

    def answers(labels: Int64, rng: np.random.Generator) -> Float32:
        logits = rng.normal(size=(len(labels), classes)).astype(np.float32)
        logits[np.arange(len(labels)), labels] += np.float32(skill)
        return logits

    def side(seed: int) -> Side:
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, classes, 250)
        given = Predictions(
            answers(labels, rng), labels, rng.integers(0, 256, (250, 32), dtype=np.uint8)
        )
        others = np.stack([answers(labels, rng) for _ in range(8)])
        known = Knowledge(
            inputs=rng.normal(size=(250, 6)).astype(np.float32),
            votes=rng.random((250, 9)) < 0.8,
            distance=rng.random(250),
            references=References(others, rng.random((8, 250)) < 0.5),
        )
        return Side(given, known)

    return Rehearsal((side(0), side(1)), (side(2), side(3)))


@dataclass(frozen=True)
class OfPeople(Blind):
    """An attack that says the same of all samples of a person, and finds three of eight."""

    name: str = "of-people"

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        inside, outside = (side.unit for side in audit.known)
        assert inside is not None
        assert outside is not None
        return np.where(inside < 3, 1.0, -1.0), np.zeros(len(outside))


@pytest.mark.parametrize(("attack", "classes", "skill"), EXAMINED)
def test_every_attack_finds_a_planted_leak(attack: Attack, classes: int, skill: float) -> None:
    check = control(rehearsal(classes, skill), [attack], seed=0)
    assert check.outcome is Outcome.PASS, check.reason


def test_a_blind_attack_is_found_out() -> None:
    check = control(rehearsal(10, 3.0), [by_name("loss"), Blind()], seed=0)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert "blind (AUC 0." in check.reason
    assert "loss" not in check.reason


def test_eight_people_count_as_eight_however_many_samples_they_have() -> None:
    check = control(by_person(rehearsal(10, 3.0)), [OfPeople()], seed=0)
    assert check.outcome is Outcome.PASS, check.reason


def by_person(given: Rehearsal) -> Rehearsal:
    """The same samples, of eight people on either side."""

    def of_eight(side: Side, first: int) -> Side:
        unit = first + np.arange(len(side.answers.labels)) % 8
        return Side(side.answers, replace(side.known, unit=unit.astype(np.int64)))

    inside, outside = given.audit
    return Rehearsal(given.calibration, (of_eight(inside, 0), of_eight(outside, 8)))


def test_no_attack_at_all_is_no_pass() -> None:
    check = control(rehearsal(10, 3.0), [], seed=0)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.EVIDENCE_MISSING)


def test_a_model_that_answers_always_the_same_has_a_leak_planted_all_the_same() -> None:
    flat = rehearsal(10, 3.0)
    for side in (*flat.calibration, *flat.audit):
        side.answers.logits[:] = 0.0
    assert control(flat, [by_name("loss")], seed=0).outcome is Outcome.PASS
