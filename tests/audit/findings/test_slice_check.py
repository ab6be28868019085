"""How a class that leaks decides the verdict, and one that does not never helps by luck."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.evidence import Evidence
from sc_deploy.audit.findings.slices import NAME
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Cause, Check, Outcome, Predictions, Role, Verdict
from sc_deploy.policy import Policy, Slices
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def verdict_on(evidence: Evidence, policy: Policy, **slices: Any) -> Verdict:
    asked = policy.model_copy(update={"slices": Slices(**slices)})
    return judge(audit(evidence, asked, Attackers(0), progress=Silent()), asked)


def sliced(verdict: Verdict) -> Check:
    return next(check for check in verdict.checks if check.name == NAME)


def with_one_leaky_class(evidence: Evidence) -> Evidence:
    """Members of class 7 are remembered, in source and artifact alike."""
    rng = np.random.default_rng(0)
    members = (Role.MEMBER_AUDIT, Role.MEMBER_CALIBRATION)
    gains = {r: 4 * rng.random(len(evidence.artifact[r].labels)) for r in members}

    def learn(role: Role, given: Predictions) -> Predictions:
        if role not in members:
            return given
        logits = given.logits.copy()
        logits[np.arange(len(logits)), given.labels] += gains[role] * (given.labels == 7)
        return replace(given, logits=logits.astype(np.float32))

    assert evidence.source is not None
    return replace(
        evidence,
        artifact={role: learn(role, given) for role, given in evidence.artifact.items()},
        source={role: learn(role, given) for role, given in evidence.source.items()},
    )


def test_a_class_that_leaks_fails_a_file_whose_average_is_within_the_limit(
    plant: Any, world: Any, policy: Policy
) -> None:
    lax = policy.model_copy(
        update={"absolute": policy.absolute.model_copy(update={"auc": 0.58, "tpr": ()})}
    )
    given = with_one_leaky_class(plant(replace(world, audit=4000)))
    assert verdict_on(given, lax).outcome is Outcome.PASS
    found = verdict_on(given, lax, auc=0.6)
    assert found.outcome is Outcome.FAIL
    assert "class 7" in sliced(found).reason
    assert "leaks more than the policy allows" in found.reason


def test_without_a_limit_no_check_speaks_of_slices(plant: Any, world: Any, policy: Policy) -> None:
    found = verdict_on(plant(world), policy)
    assert NAME not in {check.name for check in found.checks}


def test_a_limit_that_nothing_exceeds_is_shown_and_does_not_stop_a_pass(
    plant: Any, world: Any, policy: Policy
) -> None:
    found = verdict_on(plant(replace(world, audit=5000)), policy, auc=0.6)
    assert found.outcome is Outcome.PASS
    assert not sliced(found).required


def test_models_without_a_leak_are_seldom_called_leaky_for_one_of_their_classes(
    plant: Any, world: Any, policy: Policy
) -> None:
    """With the limit almost at chance, each of 20 slices would err alone in one draw of 20."""
    loss = policy.model_copy(update={"attacks": ("loss",)})
    outcomes = Counter(
        sliced(verdict_on(plant(replace(world, seed=seed)), loss, auc=0.501)).outcome
        for seed in range(12)
    )
    assert outcomes[Outcome.FAIL] <= 3


def test_a_policy_can_require_every_slice_and_gets_what_so_many_samples_show(
    plant: Any, world: Any, policy: Policy
) -> None:
    given = plant(replace(world, audit=5000))
    found = verdict_on(given, policy, auc=0.65, required=True)
    assert sliced(found).outcome is Outcome.PASS
    assert found.outcome is Outcome.PASS
    few = sliced(verdict_on(plant(replace(world, audit=1000)), policy, auc=0.53, required=True))
    assert (few.outcome, few.required) == (Outcome.INCONCLUSIVE, True)


def test_a_required_slice_that_is_too_small_is_never_a_pass(
    plant: Any, world: Any, policy: Policy
) -> None:
    eager = policy.model_copy(update={"min_audit_samples": 1})
    found = sliced(verdict_on(plant(replace(world, audit=300)), eager, auc=0.9, required=True))
    assert found.cause is Cause.TOO_FEW_SAMPLES
    assert "class 0" in found.reason


def test_an_audit_of_another_policy_is_stale(plant: Any, world: Any, policy: Policy) -> None:
    measured = audit(plant(world), policy, Attackers(0), progress=Silent())
    asked = policy.model_copy(update={"slices": Slices(auc=0.9, required=True)})
    assert sliced(judge(measured, asked)).cause is Cause.EVIDENCE_STALE


def test_requiring_slices_needs_a_limit() -> None:
    with pytest.raises(ValidationError, match=r"slices\.auc"):
        Slices(required=True)
