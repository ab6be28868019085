from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit import validity
from sc_deploy.audit.pairing import pair
from sc_deploy.audit.scores import Scores
from sc_deploy.contracts import Cause, Outcome, Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.fixture
def given(plant: Any, world: Any) -> Any:
    return plant(replace(world, audit=200, calibration=100, test=300))


def scores(members: np.ndarray, others: np.ndarray) -> Scores:
    return Scores("loss", 0.0, members, others, None)


@pytest.mark.parametrize(
    ("sizes", "outcome", "cause"),
    [
        ((1, 3, 64), Outcome.PASS, None),
        ((1, 1, 1, 2), Outcome.INVALID, None),
        ((1,), Outcome.INVALID, None),
        ((), Outcome.INCONCLUSIVE, Cause.NOT_EXECUTED),
    ],
)
def test_three_batch_sizes_must_have_run(
    sizes: tuple[int, ...], outcome: Outcome, cause: Cause | None
) -> None:
    check = validity.batch(sizes)
    assert (check.outcome, check.cause) == (outcome, cause)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_answer_that_is_no_number_is_invalid(given: Any, bad: float) -> None:
    given.artifact[Role.TEST].logits[5, 2] = bad
    check = validity.finite(given.artifact)
    assert check.outcome is Outcome.INVALID
    assert "1 of 900 samples" in check.reason


@pytest.mark.parametrize("label", [-1, 10])
def test_a_label_beyond_the_classes_is_invalid(given: Any, label: int) -> None:
    given.artifact[Role.MEMBER_AUDIT].labels[0] = label
    assert validity.labels(given.artifact).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (Role.MEMBER_CALIBRATION, Role.MEMBER_AUDIT),
        (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT),
        (Role.NON_MEMBER_CALIBRATION, Role.NON_MEMBER_AUDIT),
        (Role.TEST, Role.MEMBER_AUDIT),
    ],
)
def test_a_sample_with_two_roles_fails_the_detector(given: Any, here: Role, there: Role) -> None:
    assert validity.apart(given.artifact, None).outcome is Outcome.PASS
    given.artifact[here].sample_id[7] = given.artifact[there].sample_id[3]
    check = validity.apart(given.artifact, None)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert f"1 samples are both {here}" in check.reason or f"and {here}" in check.reason


def test_a_sample_counted_twice_fails_the_detector(given: Any) -> None:
    ids = given.artifact[Role.MEMBER_AUDIT].sample_id
    ids[0] = ids[1]
    assert validity.apart(given.artifact, None).cause is Cause.DETECTOR_FAILED


def test_samples_that_chose_integer_ranges_are_not_audited(given: Any) -> None:
    chosen = given.artifact[Role.MEMBER_AUDIT].sample_id[:4]
    check = validity.apart(given.artifact, chosen)
    assert check.cause is Cause.DETECTOR_FAILED
    assert "4 member-audit samples" in check.reason


def test_too_few_samples_are_told_with_the_number_needed(given: Any) -> None:
    assert validity.enough(given.artifact, 200).outcome is Outcome.PASS
    check = validity.enough(given.artifact, 201)
    assert check.cause is Cause.TOO_FEW_SAMPLES
    assert "201" in check.remedy


@pytest.mark.parametrize("role", [Role.TEST, Role.MEMBER_CALIBRATION, Role.NON_MEMBER_AUDIT])
@pytest.mark.parametrize("side", ["artifact", "source"])
def test_a_missing_role_is_a_gap(given: Any, role: Role, side: str) -> None:
    kept = {key: value for key, value in getattr(given, side).items() if key is not role}
    check = validity.complete(pair(replace(given, **{side: kept})))
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.EVIDENCE_MISSING)
    assert f"the {side}'s {role}" in check.reason


def test_an_attack_with_its_sign_turned_fails_the_detector() -> None:
    rng = np.random.default_rng(0)
    members, others = rng.normal(0.5, 1, 500), rng.normal(size=500)
    assert validity.orientation({"artifact": [scores(members, others)]}).outcome is Outcome.PASS
    check = validity.orientation({"artifact": [scores(-members, -others)]})
    assert check.cause is Cause.DETECTOR_FAILED


def test_the_orientation_detector_is_rarely_alarmed_by_chance() -> None:
    rng = np.random.default_rng(1)
    alarms = sum(
        validity.orientation({"a": [scores(rng.normal(size=100), rng.normal(size=100))]}).outcome
        is not Outcome.PASS
        for _ in range(500)
    )
    assert alarms <= 4


def test_an_attack_that_misses_what_accuracy_alone_shows_fails_the_detector(given: Any) -> None:
    """AIJack found AUC 0.519 on a model whose accuracy gap alone gives 0.72."""
    members = given.artifact[Role.MEMBER_AUDIT]
    members.logits[np.arange(200), members.labels] += 50
    others = given.artifact[Role.NON_MEMBER_AUDIT]
    others.logits[:120] = np.roll(others.logits[:120], 1, axis=1)
    rng = np.random.default_rng(0)
    blind = scores(rng.normal(size=200), rng.normal(size=200))
    check = validity.strength(given.artifact, [blind])
    assert check.cause is Cause.DETECTOR_FAILED
    seeing = scores(rng.normal(4, 1, 200), rng.normal(size=200))
    assert validity.strength(given.artifact, [blind, seeing]).outcome is Outcome.PASS


def test_a_model_whose_answers_depend_on_the_batch_is_invalid_whatever_it_served() -> None:
    for unsteady in ((1, 7), (1, 7, 64)):
        check = validity.batch((1, 7, 64), unsteady)
        assert check.outcome is Outcome.INVALID
        assert "batches of 1, 7" in check.reason


def test_a_model_of_one_class_is_invalid(given: Any) -> None:
    lone = {
        role: replace(found, logits=found.logits[:, :1]) for role, found in given.artifact.items()
    }
    check = validity.labels(lone)
    assert check.outcome is Outcome.INVALID
    assert "two classes" in check.reason
