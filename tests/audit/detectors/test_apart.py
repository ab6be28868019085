from __future__ import annotations

from typing import Any

import pytest

from sc_deploy.audit.detectors.apart import apart
from sc_deploy.contracts import Cause, Outcome, Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.


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
    assert apart(given.artifact, None).outcome is Outcome.PASS
    given.artifact[here].sample_id[7] = given.artifact[there].sample_id[3]
    check = apart(given.artifact, None)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert f"1 samples are both {here}" in check.reason or f"and {here}" in check.reason


def test_a_sample_counted_twice_fails_the_detector(given: Any) -> None:
    ids = given.artifact[Role.MEMBER_AUDIT].sample_id
    ids[0] = ids[1]
    assert apart(given.artifact, None).cause is Cause.DETECTOR_FAILED


def test_samples_that_chose_integer_ranges_are_not_audited(given: Any) -> None:
    chosen = given.artifact[Role.MEMBER_AUDIT].sample_id[:4]
    check = apart(given.artifact, chosen)
    assert check.cause is Cause.DETECTOR_FAILED
    assert "4 member-audit samples" in check.reason
