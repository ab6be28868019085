from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.preparation import preparation
from sc_deploy.contracts import Cause, Outcome, Role
from sc_deploy.policy import Policy

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_samples_that_went_the_same_way_pass(alike: Any, policy: Policy) -> None:
    same = {Role.MEMBER_AUDIT: "ab", Role.NON_MEMBER_AUDIT: "ab"}
    assert preparation(alike(300), same, policy, seed=0).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (lambda x: x * np.float32(255), "largest value"),
        (lambda x: x + np.float32(0.5), "the mean"),
        (lambda x: (x - 1) * np.float32(1.8) + 1, "the spread"),
        (lambda x: np.round(x * 16) / np.float32(16), "16 bits"),
        (lambda x: np.clip(x, 0, 2), "largest value"),
        (lambda x: x.astype(np.float16).astype(np.float32), "16 bits"),
        (lambda x: np.repeat(x[:, ::2], 2, axis=1), "distinct"),
        (lambda x: (x + np.roll(x, 1, axis=1) + np.roll(x, 2, axis=1)) / 3, "sharpness"),
        (lambda x: np.roll(x, 3, axis=1), "the mean"),
    ],
    ids=[
        "scaled",
        "shifted",
        "stretched",
        "rounded",
        "clipped",
        "half",
        "resized",
        "blurred",
        "moved",
    ],
)
def test_members_prepared_in_another_way_fail_the_detector(
    alike: Any, policy: Policy, way: Any, told: str
) -> None:
    sides = alike(300)
    other = replace(sides, members=replace(sides.members, inputs=way(sides.members.inputs)))
    check = preparation(other, {}, policy, seed=0)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert told in check.reason
    assert check.required


def test_unlike_records_fail_the_detector_even_if_the_samples_are_not_there(
    policy: Policy,
) -> None:
    unlike = {Role.MEMBER_AUDIT: "ab" * 32, Role.NON_MEMBER_AUDIT: "cd" * 32}
    check = preparation(None, unlike, policy, seed=0)
    assert check.cause is Cause.DETECTOR_FAILED
    assert "member-audit abababab" in check.reason


def test_equal_records_alone_do_not_pass(policy: Policy) -> None:
    same = {Role.MEMBER_AUDIT: "ab", Role.NON_MEMBER_AUDIT: "ab"}
    assert preparation(None, same, policy, seed=0).cause is Cause.EVIDENCE_MISSING


def test_samples_of_other_width_or_without_numbers_fail_the_detector(
    alike: Any, policy: Policy
) -> None:
    sides = alike(50)
    narrow = replace(sides, members=replace(sides.members, inputs=sides.members.inputs[:, :5]))
    assert preparation(narrow, {}, policy, seed=0).cause is Cause.DETECTOR_FAILED
    bad = alike(50)
    bad.members.inputs[3, 3] = np.nan
    assert preparation(bad, {}, policy, seed=0).cause is Cause.DETECTOR_FAILED


def test_a_single_column_can_be_examined(alike: Any, policy: Policy) -> None:
    assert preparation(alike(100, width=1), {}, policy, seed=0).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("draws", "allowed"),
    [(150, 2), pytest.param(2000, 8, marks=pytest.mark.slow)],
    ids=["quick", "all"],
)
@pytest.mark.parametrize("n", [20, 150])
def test_it_is_rarely_alarmed_by_chance(
    alike: Any, policy: Policy, n: int, draws: int, allowed: int
) -> None:
    alarms = sum(
        preparation(alike(n, seed=seed), {}, policy, seed=0).outcome is not Outcome.PASS
        for seed in range(draws)
    )
    assert alarms <= allowed
