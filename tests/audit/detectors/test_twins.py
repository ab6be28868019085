from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.twins import near_copies, twins
from sc_deploy.contracts import Cause, Outcome
from sc_deploy.policy import Policy

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def with_copies(sides: Any, share: float, noise: float = 0.0) -> Any:
    """This share of non-members becomes members once more, with a little noise."""
    inputs = sides.non_members.inputs.copy()
    n = round(share * len(inputs))
    rng = np.random.default_rng(1)
    inputs[:n] = sides.members.inputs[:n] + noise * rng.normal(size=inputs[:n].shape)
    return replace(sides, non_members=replace(sides.non_members, inputs=inputs))


@pytest.mark.parametrize(("width", "most"), [(2, 0.03), (3, 0.03), (16, 0.0), (100, 0.0)])
def test_samples_of_one_pool_are_no_copies(
    alike: Any, policy: Policy, width: int, most: float
) -> None:
    check = twins(alike(1000, width=width), policy, seed=0)
    assert check.outcome is Outcome.PASS
    assert check.measured is not None
    assert check.measured.value <= most


@pytest.mark.parametrize(("share", "noise"), [(0.2, 0.0), (0.2, 0.01), (0.6, 0.0), (1.0, 0.0)])
def test_many_near_copies_fail_the_detector(
    alike: Any, policy: Policy, share: float, noise: float
) -> None:
    check = twins(with_copies(alike(500), share, noise), policy, seed=0)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert f"{round(share * 500)} of 500" in check.reason


def test_a_few_near_copies_are_told_and_do_not_gate(alike: Any, policy: Policy) -> None:
    check = twins(with_copies(alike(500), 0.03), policy, seed=0)
    assert check.outcome is Outcome.PASS
    assert "15 of 500" in check.reason


def test_records_of_few_values_that_coincide_exactly_are_copies(alike: Any, policy: Policy) -> None:
    sides = alike(300)
    for side in (sides.members, sides.non_members):
        side.inputs[:] = np.round(side.inputs[:, :1])
    assert twins(sides, policy, seed=0).cause is Cause.DETECTOR_FAILED


@pytest.mark.parametrize("width", [2, 3, 6, 16])
def test_it_is_rarely_alarmed_by_chance(alike: Any, policy: Policy, width: int) -> None:
    alarms = sum(
        twins(alike(150, width=width, seed=seed), policy, seed=seed).outcome is not Outcome.PASS
        for seed in range(400)
    )
    assert alarms <= 3


def test_without_samples_it_gates(policy: Policy) -> None:
    check = twins(None, policy, seed=0)
    assert (check.cause, check.required) == (Cause.EVIDENCE_MISSING, True)


def test_the_projections_miss_no_copy_that_all_pairs_show(alike: Any) -> None:
    """The slow way: every distance between every pair, in full."""
    sides = with_copies(alike(120, width=100), 0.3, 0.01)
    inside, outside = sides.members.inputs, sides.non_members.inputs
    distance = np.sort(np.linalg.norm(outside[:, None].astype(float) - inside[None], axis=2))
    slow = distance[:, 0] <= 0.2 * distance[:, 15]
    assert slow.sum() == 36
    np.testing.assert_array_equal(near_copies(inside, outside, seed=0), slow)


def test_outliers_do_not_make_copies_of_the_others(alike: Any, policy: Policy) -> None:
    sides = alike(500)
    for side in (sides.members, sides.non_members):
        side.inputs[:, 3] = np.exp(3 * side.inputs[:, 3])
    assert twins(sides, policy, seed=0).outcome is Outcome.PASS


def crowds(sides: Any, size: int, share: float = 1.0, noise: float = 0.01) -> Any:
    """This share of all samples are takes of few scenes, `size` of each on either side."""
    rng = np.random.default_rng(2)
    inputs = []
    for side in (sides.members, sides.non_members):
        own = side.inputs.copy()
        scenes = round(share * len(own)) // size
        # Both sides are takes of the same scenes.
        own[: scenes * size] = np.repeat(sides.members.inputs[-scenes:], size, axis=0)
        own[: scenes * size] += noise * rng.normal(size=own[: scenes * size].shape)
        inputs.append(own)
    members, others = inputs
    return replace(
        sides,
        members=replace(sides.members, inputs=members),
        non_members=replace(sides.non_members, inputs=others),
    )


@pytest.mark.parametrize("size", [8, 16, 20, 50, 100])
def test_takes_of_few_scenes_on_both_sides_fail_the_detector(
    alike: Any, policy: Policy, size: int
) -> None:
    check = twins(crowds(alike(600), size), policy, seed=0)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert check.required
    assert "`unit`" in check.remedy
    assert check.measured is not None
    assert check.measured.value > 0.9


def test_a_few_crowds_are_told_and_do_not_gate(alike: Any, policy: Policy) -> None:
    check = twins(crowds(alike(1000), 20, share=0.04), policy, seed=0)
    assert check.outcome is Outcome.PASS
    assert "40 more lie in crowds of 16 or more" in check.reason


def test_units_say_that_a_crowd_is_of_different_sources(alike: Any, policy: Policy) -> None:
    sides = crowds(alike(600), 50)
    each = np.arange(600)
    known = replace(
        sides,
        members=replace(sides.members, unit=each),
        non_members=replace(sides.non_members, unit=600 + each),
    )
    assert twins(known, policy, seed=0).outcome is Outcome.PASS


def test_units_that_keep_each_scene_on_one_side_pass(alike: Any, policy: Policy) -> None:
    rng = np.random.default_rng(3)
    sides = alike(600)
    whole = []
    for number, side in enumerate((sides.members, sides.non_members)):
        takes = np.repeat(side.inputs[:30], 20, axis=0)
        takes = (takes + 0.01 * rng.normal(size=takes.shape)).astype(np.float32)
        unit = 100 * number + np.repeat(np.arange(30), 20)
        whole.append(replace(side, inputs=takes, unit=unit))
    assert twins(
        replace(sides, members=whole[0], non_members=whole[1]), policy, seed=0
    ).outcome is (Outcome.PASS)
