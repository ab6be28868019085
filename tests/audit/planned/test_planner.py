"""The planned numbers against what the whole gate says of that many samples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.gate import judge
from sc_deploy.audit.planned.chances import Circumstances, demands
from sc_deploy.audit.planned.demand import Assumptions, Part
from sc_deploy.audit.planned.evidence import needed_tier
from sc_deploy.audit.planned.planner import Given, Plan, Request, least, plan
from sc_deploy.audit.planned.subsets import equal
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Outcome, Tier
from sc_deploy.policy import Policy, Relative, medium, small
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.

HERE = Circumstances(quantized=256, makeup=equal(10), canaries=False)
ALIKE = Assumptions(correlation=0.999, conversion=0.005, compression=0.005)


def needed(found: Plan, name: str) -> int | None:
    return next(check.needed for check in found.checks if check.name == name)


def role(found: Plan, name: str) -> Any:
    return next(role for role in found.roles if role.name == name)


def test_the_default_policies_need_what_they_say_they_do() -> None:
    few, many = plan(small(), Request()), plan(medium(), Request())
    assert (role(few, "audit").members, role(many, "audit").members) == (2500, 10_000)
    assert (few.members, many.members) == (5000, 20_000)
    assert few.planned >= 0.9
    assert many.planned >= 0.9


def test_a_rate_needs_no_fewer_than_it_can_be_resolved_with() -> None:
    found = plan(medium(), Request())
    low = needed(found, "TPR at 0.1 % FPR")
    change = needed(found, "change of TPR at 0.1 % FPR")
    assert low is not None
    assert change is not None
    assert min(low, change) >= 3688


def test_the_tightest_check_decides() -> None:
    loose = small().model_copy(update={"min_audit_samples": 1})
    found = plan(loose, Request())
    alone = [check.needed for check in found.checks if check.part is Part.AUDIT]
    assert all(n is not None for n in alone)
    assert role(found, "audit").members >= max(n for n in alone if n is not None)


def test_a_limit_at_the_assumed_truth_has_no_number() -> None:
    found = plan(small(), Request(Assumptions(auc=0.55)))
    assert "AUC" in {check.name for check in found.hopeless}
    assert found.planned == 0.0


def test_more_leakage_less_agreement_and_more_attacks_all_need_more() -> None:
    free = small().model_copy(update={"min_audit_samples": 1})
    base = needed(plan(free, Request()), "AUC") or 0
    assert (needed(plan(free, Request(Assumptions(auc=0.53))), "AUC") or 0) > base
    apart = Request(Assumptions(correlation=0.7))
    assert (needed(plan(free, apart), "change of AUC") or 0) > (
        needed(plan(free, Request()), "change of AUC") or 0
    )
    one = free.model_copy(update={"attacks": ("loss",)})
    sizes = [role(plan(each, Request()), "audit").members for each in (one, free)]
    assert sizes[0] < sizes[1]


def test_without_a_source_nothing_relative_is_planned() -> None:
    alone = small().model_copy(update={"relative": "none"})
    names = {demand.name for demand in demands(alone, Assumptions(), HERE)}
    assert names == {"AUC", "TPR at 1 % FPR", "accuracy lost in compression"}


def test_the_tier_that_low_rates_wait_for_is_planned() -> None:
    assert plan(small(), Request()).canaries >= 100
    two = small().model_copy(update={"low_fpr_tier": Tier.T2})
    assert plan(two, Request()).reference_models == 4
    unasked = small().model_copy(update={"low_fpr_tier": Tier.T0})
    assert plan(unasked, Request()).canaries == 0
    assert needed_tier(small()) is Tier.T1


def test_given_samples_are_held_against_the_plan() -> None:
    sizes = {Part.AUDIT: (600, 600), Part.REFERENCE: (300, 300), Part.TEST: (5000, 5000)}
    found = plan(small(), Request(given=Given(sizes, (500, 500), 100)))
    assert found.undecided == (Part.AUDIT,)
    assert found.given is not None
    assert found.given < 0.9 < found.planned
    enough = sizes | {Part.AUDIT: (2500, 2500)}
    assert plan(small(), Request(given=Given(enough, (500, 500), 100))).undecided == ()


def test_an_empty_role_decides_nothing() -> None:
    sizes = {Part.AUDIT: (0, 0), Part.REFERENCE: (0, 0), Part.TEST: (0, 0)}
    found = plan(small(), Request(given=Given(sizes, (0, 0), 0)))
    assert found.given == 0.0
    assert set(found.undecided) == set(Part)


def test_the_least_number_holds_for_those_after_it() -> None:
    assert least(lambda n: n >= 137) == 140
    assert least(lambda n: n > 0) == 10
    assert least(lambda n: n < 0) is None


def outcomes(plant: Any, world: Any, policy: Policy, *, draws: int) -> float:
    """The share of audits of a file without leak that PASS."""
    passed = 0
    for seed in range(draws):
        measured = audit(plant(replace(world, seed=seed)), policy, Attackers(0), progress=Silent())
        passed += judge(measured, policy).outcome is Outcome.PASS
    return passed / draws


@pytest.mark.parametrize(
    "draws", [12, pytest.param(100, marks=pytest.mark.slow)], ids=["quick", "all"]
)
def test_the_planned_number_passes_and_half_of_it_does_not(
    plant: Any, world: Any, policy: Policy, draws: int
) -> None:
    """Absolute limits alone, so that every audited sample is decisive."""
    tight = policy.model_copy(
        update={
            "min_audit_samples": 1,
            "relative": Relative(auc=0.5, tpr=()),
        }
    )
    found = plan(tight, Request(ALIKE, quantized=0))
    n = role(found, "audit").members
    enough = replace(world, audit=n, calibration=500, test=3000)
    # 12 draws of a chance of .9 give 8 or more but once in 250; 100 give 84 but once in 50.
    assert outcomes(plant, enough, tight, draws=draws) >= (0.84 if draws == 100 else 8 / 12)
    half = replace(enough, audit=n // 2)
    assert outcomes(plant, half, tight, draws=draws) < 0.9
