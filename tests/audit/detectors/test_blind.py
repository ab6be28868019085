from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.blind import blind
from sc_deploy.audit.detectors.samples import Sides
from sc_deploy.contracts import Cause, Outcome
from sc_deploy.policy import Policy

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def changed(sides: Sides, **members: Any) -> Sides:
    return replace(sides, members=replace(sides.members, **members))


def test_sides_drawn_from_one_pool_pass_where_there_are_enough(alike: Any, policy: Policy) -> None:
    check = blind(alike(10_000), policy, seed=0)
    assert check.outcome is Outcome.PASS
    assert check.measured is not None
    assert check.measured.low < 0.5 < check.measured.high < 0.52


def brighter(sides: Sides) -> Sides:
    return changed(sides, inputs=sides.members.inputs * np.float32(1.1))


def one_column(sides: Sides) -> Sides:
    inputs = sides.members.inputs.copy()
    inputs[:, 7] += 0.4
    return changed(sides, inputs=inputs)


def tied_columns(sides: Sides) -> Sides:
    """No mean of any column differs, so that no line tells the sides apart; trees do."""
    inputs = sides.members.inputs.copy()
    middle = np.median(inputs[:, 5])
    inputs[:, 5] = middle + 2 * np.sign(inputs[:, 5] - middle)
    return changed(sides, inputs=inputs)


def other_labels(sides: Sides) -> Sides:
    labels = sides.members.labels.copy()
    labels[labels < 3] = 9
    return changed(sides, labels=labels)


@pytest.mark.parametrize("shift", [brighter, one_column, tied_columns, other_labels])
def test_sides_that_differ_without_any_model_fail_the_detector(
    alike: Any, policy: Policy, shift: Any
) -> None:
    check = blind(shift(alike(1000)), policy, seed=0)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert check.required
    assert "distribution shift" in check.reason


def test_too_few_samples_to_know_are_said_to_be_and_do_not_gate(alike: Any, policy: Policy) -> None:
    for n in (10, 60):
        check = blind(alike(n), policy, seed=0)
        assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.TOO_FEW_SAMPLES)
        assert not check.required


def test_without_samples_it_gates_unless_the_policy_accepts_that(policy: Policy) -> None:
    check = blind(None, policy, seed=0)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.EVIDENCE_MISSING)
    assert check.required
    accepted = policy.model_copy(update={"without_inputs": "accepted"})
    shown = blind(None, accepted, seed=0)
    assert not shown.required
    assert "not examined" in shown.reason


def test_the_same_seed_gives_the_same_answer(alike: Any, policy: Policy) -> None:
    assert blind(alike(100), policy, seed=3) == blind(alike(100), policy, seed=3)


@pytest.mark.parametrize(
    ("draws", "allowed"),
    [(25, 0), pytest.param(300, 2, marks=pytest.mark.slow)],
    ids=["quick", "all"],
)
def test_it_is_rarely_alarmed_by_chance(
    alike: Any, policy: Policy, draws: int, allowed: int
) -> None:
    alarms = sum(
        blind(alike(200, seed=seed), policy, seed=seed).cause is Cause.DETECTOR_FAILED
        for seed in range(draws)
    )
    assert alarms <= allowed
