"""Detectors that look at the samples where several of them belong to one person or device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.balance import balance
from sc_deploy.audit.detectors.blind import blind
from sc_deploy.audit.detectors.preparation import preparation
from sc_deploy.audit.detectors.samples import Samples, Sides
from sc_deploy.audit.detectors.twins import twins
from sc_deploy.contracts import Cause, Check, Knowledge, Outcome, Predictions, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.policy import Policy

# Any: the types of fixtures live in conftest.py, which tests cannot import.

RECORDS = 20


def of_people(rng: np.random.Generator, people: int) -> Samples:
    """Twenty records each, that resemble each other and tend to have one label."""
    who = np.repeat(np.arange(people), RECORDS)
    inputs = rng.normal(size=(people, 8))[who] + 0.3 * rng.normal(size=(len(who), 8))
    usual, other = rng.integers(0, 10, people)[who], rng.integers(0, 10, len(who))
    labels = np.where(rng.random(len(who)) < 0.8, usual, other)
    return Samples(inputs.astype(np.float32), labels, who)


def drawn(seed: int, people: int = 120) -> Sides:
    rng = np.random.default_rng(seed)
    return Sides(of_people(rng, people), of_people(rng, people))


def by_blind(sides: Sides, policy: Policy) -> Check:
    return blind(sides, policy, seed=0)


def by_preparation(sides: Sides, policy: Policy) -> Check:
    return preparation(sides, {}, policy, seed=0)


def by_balance(sides: Sides, _: Policy) -> Check:
    both = {Role.MEMBER_AUDIT: sides.members, Role.NON_MEMBER_AUDIT: sides.non_members}
    answers = {
        role: Predictions(
            np.zeros((len(side.labels), 10), np.float32),
            side.labels,
            np.zeros((len(side.labels), 32), np.uint8),
        )
        for role, side in both.items()
    }
    units = {role: side.unit for role, side in both.items() if side.unit is not None}
    return balance(answers, units, seed=0)


def alone(sides: Sides) -> Sides:
    """The same, where nobody says whose records they are."""
    return Sides(*(Samples(s.inputs, s.labels) for s in (sides.members, sides.non_members)))


@pytest.mark.parametrize("detector", [by_blind, by_preparation, by_balance])
def test_other_people_on_either_side_are_no_shift_between_the_sides(
    policy: Policy, detector: Callable[[Sides, Policy], Check]
) -> None:
    causes = [detector(drawn(seed), policy).cause for seed in range(5)]
    assert Cause.DETECTOR_FAILED not in causes
    # It is the unit that says so: as samples on their own they would be different populations.
    deceived = [detector(alone(drawn(seed)), policy).cause for seed in range(5)]
    assert Cause.DETECTOR_FAILED in deceived


@pytest.mark.parametrize("detector", [by_blind, by_preparation])
def test_a_shift_of_every_record_is_found_where_they_come_in_units(
    policy: Policy, detector: Callable[[Sides, Policy], Check]
) -> None:
    sides = drawn(0, people=400)
    members = Samples(sides.members.inputs * 1.5 + 0.5, sides.members.labels, sides.members.unit)
    assert detector(Sides(members, sides.non_members), policy).cause is Cause.DETECTOR_FAILED


def test_one_record_of_each_person_is_looked_for_among_all_members(policy: Policy) -> None:
    sides = drawn(0)
    found = twins(sides, policy, seed=0)
    assert (found.outcome, found.measured and found.measured.n) == (Outcome.PASS, 120)
    copies = Samples(sides.members.inputs, sides.members.labels, sides.members.unit)
    assert twins(Sides(sides.members, copies), policy, seed=0).cause is Cause.DETECTOR_FAILED


def test_units_reach_the_detectors_from_the_evidence(given: Any) -> None:
    from sc_deploy.audit.detectors import samples

    assert samples.of(given) is not None
    beside = given.known["artifact"]
    units = {
        role: Knowledge(inputs=known.inputs, unit=np.arange(len(known.inputs)) // 4)
        for role, known in beside.items()
    }
    beside.update(units)
    found = samples.of(given)
    assert found is not None
    assert len(found.members.labels) == 200
    assert len(found.independent(seed=0).members.labels) == 50
