"""No better than guessing is shown by closeness to one half, never by too few samples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.findings.equivalence import NAME, checks
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Audit, Check, Outcome
from sc_deploy.policy import Policy
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.fixture(scope="module")
def measured(plant: Any, world: Any, policy: Policy) -> Audit:
    return audit(plant(replace(world, audit=5000)), policy, Attackers(0), progress=Silent())


def with_auc(measured: Audit, low: float, high: float) -> Audit:
    artifact = measured.subjects[0]
    first, *rest = artifact.attacks
    first = replace(first, auc=replace(first.auc, value=(low + high) / 2, low=low, high=high))
    return replace(measured, subjects=(replace(artifact, attacks=(first, *rest)),))


def line(measured: Audit, policy: Policy) -> Check:
    (found,) = checks(measured, policy)
    return found


def test_both_bounds_must_lie_within_the_margin(measured: Audit, policy: Policy) -> None:
    assert line(measured, policy).outcome is Outcome.PASS
    for low, high in ((0.49, 0.56), (0.44, 0.51), (0.30, 0.70)):
        found = line(with_auc(measured, low, high), policy)
        assert found.outcome is Outcome.INCONCLUSIVE
        assert "not shown" in found.reason


def test_an_attack_that_was_not_run_was_not_withstood(measured: Audit, policy: Policy) -> None:
    more = policy.model_copy(update={"attacks": (*policy.attacks, "neural")})
    assert line(measured, more).outcome is Outcome.INCONCLUSIVE


def test_the_line_is_named_in_every_verdict_and_gates_nothing(
    measured: Audit, policy: Policy
) -> None:
    verdict = judge(measured, policy)
    found = next(check for check in verdict.checks if check.name == NAME)
    assert not found.required
    assert "AISVS 11.2.5" in found.name


def test_without_an_attack_there_is_no_line(measured: Audit, policy: Policy) -> None:
    assert checks(replace(measured, subjects=()), policy) == ()
