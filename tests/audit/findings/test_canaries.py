"""Canaries with a planted truth: what memory adds to the label that they were given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit import tier
from sc_deploy.audit.auditor import audit
from sc_deploy.audit.evidence import Evidence
from sc_deploy.audit.findings import canaries
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import (
    CanaryAudit,
    Cause,
    Check,
    Outcome,
    Planted,
    Predictions,
    Role,
    Tier,
    Verdict,
)
from sc_deploy.policy import Canaries, Policy
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.
COUNT = 200


def with_canaries(evidence: Evidence, memory: float, *, count: int = COUNT) -> Evidence:
    """The evidence with canaries whose label gains `memory` in the source where they are members,
    and twice as much in the dense baseline."""
    rng = np.random.default_rng(7)
    member = np.arange(count) % 2 == 0
    labels = rng.integers(0, 10, count)
    ids = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    logits = rng.normal(size=(count, 10))

    def answers(gain: float) -> dict[Role, Predictions]:
        own = logits.copy()
        own[np.arange(count), labels] += gain * member
        return {
            role: Predictions(own[side].astype(np.float32), labels[side], ids[side])
            for role, side in ((Role.MEMBER_CANARY, member), (Role.NON_MEMBER_CANARY, ~member))
        }

    assert evidence.source is not None
    assert evidence.dense is not None
    return replace(
        evidence,
        artifact={**evidence.artifact, **answers(memory)},
        source={**evidence.source, **answers(memory)},
        dense={**evidence.dense, **answers(2 * memory)},
        planted=Planted(ids, member, labels),
    )


def examined(evidence: Evidence, policy: Policy) -> tuple[CanaryAudit, Verdict]:
    found = audit(evidence, policy, Attackers(0), progress=Silent())
    assert found.canaries is not None
    return found.canaries, judge(found, policy)


def check(verdict: Verdict, name: str) -> Check:
    return next(check for check in verdict.checks if check.name == name)


@pytest.fixture(scope="module")
def fair(plant: Any, world: Any) -> Evidence:
    found: Evidence = plant(replace(world, audit=1500, calibration=300, test=1000))
    return found


@pytest.fixture(scope="module")
def strict(policy: Policy) -> Policy:
    """Low rates need planted canaries; ordinary samples leak nothing here."""
    limits = policy.absolute.model_copy(update={"auc": 0.6})
    changed = {"low_fpr_tier": Tier.T1, "min_audit_samples": 1000, "absolute": limits}
    return policy.model_copy(update={**changed, "attacks": ("loss",)})


def test_a_model_that_forgot_its_canaries_passes_with_evidence_of_the_first_tier(
    fair: Evidence, strict: Policy
) -> None:
    found, verdict = examined(with_canaries(fair, 0.0), strict)
    assert verdict.outcome is Outcome.PASS, verdict.reason
    assert verdict.tier is Tier.T1
    assert check(verdict, canaries.RIGHT).outcome is Outcome.PASS
    assert [stage.subject for stage in found.stages] == ["dense", "source", "artifact"]


def test_a_model_that_remembers_its_canaries_fails_though_ordinary_samples_are_safe(
    fair: Evidence, strict: Policy
) -> None:
    found, verdict = examined(with_canaries(fair, 6.0), strict)
    assert verdict.outcome is Outcome.FAIL
    assert canaries.RIGHT in verdict.reason
    assert check(verdict, "AUC, loss attack").outcome is Outcome.PASS
    assert found.stages[-1].epsilon > 1.4
    assert found.stages[-1].right.n == COUNT // 2


def test_each_stage_is_held_against_the_one_before_on_the_same_canaries(
    fair: Evidence, strict: Policy
) -> None:
    found, _ = examined(with_canaries(fair, 1.0), strict)
    dense, source, artifact = found.stages
    assert dense.change is None
    assert source.change is not None
    assert source.change.high < 0
    assert source.change.value == pytest.approx(source.auc.value - dense.auc.value)
    assert artifact.change is not None
    assert artifact.change.value == 0.0


def test_without_canaries_nothing_is_asked_and_the_tier_is_the_lowest(
    fair: Evidence, strict: Policy
) -> None:
    found = audit(fair, strict, Attackers(0), progress=Silent())
    verdict = judge(found, strict)
    assert found.canaries is None
    assert verdict.tier is Tier.T0
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert canaries.RIGHT not in {entry.name for entry in verdict.checks}


@pytest.mark.parametrize("damage", ["missing", "other-coin", "other-label", "other-id"])
def test_canaries_that_are_not_those_planted_are_no_evidence(
    fair: Evidence, strict: Policy, damage: str
) -> None:
    evidence = with_canaries(fair, 0.0)
    artifact = dict(evidence.artifact)
    planted = evidence.planted
    assert planted is not None
    match damage:
        case "missing":
            del artifact[Role.NON_MEMBER_CANARY]
        case "other-coin":
            planted = replace(planted, member=~planted.member)
        case "other-label":
            planted = replace(planted, label=(planted.label + 1) % 10)
        case _:
            planted = replace(planted, sample_id=planted.sample_id ^ np.uint8(1))
    given = replace(evidence, artifact=artifact, planted=planted)
    if damage == "missing":
        source = {k: v for k, v in (evidence.source or {}).items() if k in artifact}
        given = replace(given, source=source)
    verdict = judge(audit(given, strict, Attackers(0), progress=Silent()), strict)
    assert verdict.tier is Tier.T0
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert check(verdict, canaries.RIGHT).cause is Cause.EVIDENCE_MISSING


@pytest.mark.parametrize(
    ("count", "asked", "expected"),
    [
        (99, Canaries(), False),
        (100, Canaries(), True),
        (100, Canaries(epsilon=None), False),
        (100, Canaries(epsilon=None, auc=0.7), True),
    ],
)
def test_the_tier_needs_enough_canaries_and_a_limit_that_binds_them(
    policy: Policy, count: int, asked: Canaries, expected: bool
) -> None:
    found = CanaryAudit(count, count, ())
    assert tier.by_canaries(found, policy.model_copy(update={"canaries": asked})) is expected


def test_without_a_limit_canaries_are_shown_and_never_gate(fair: Evidence, strict: Policy) -> None:
    lax = strict.model_copy(update={"canaries": Canaries(epsilon=None), "low_fpr_tier": Tier.T0})
    found, verdict = examined(with_canaries(fair, 6.0), lax)
    assert verdict.outcome is Outcome.PASS
    assert not check(verdict, canaries.RIGHT).required
    assert found.stages[-1].auc.value > 0.9


def test_an_auc_limit_on_canaries_gates_too(fair: Evidence, strict: Policy) -> None:
    asked = strict.model_copy(update={"canaries": Canaries(epsilon=None, auc=0.7)})
    assert examined(with_canaries(fair, 6.0), asked)[1].outcome is Outcome.FAIL
    assert examined(with_canaries(fair, 0.0), asked)[1].outcome is Outcome.PASS
