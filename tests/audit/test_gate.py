from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.gate import MUST_BE_CHECKED, judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import (
    Audit,
    Cause,
    Change,
    Check,
    Excess,
    Outcome,
    Rate,
    Subject,
    Tier,
    Verdict,
)
from sc_deploy.policy import Absolute, Policy, TprLimit
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.fixture(scope="module")
def clean(plant: Any, world: Any, policy: Policy) -> Audit:
    """The audit of a model that leaks nothing."""
    return audit(plant(world), policy, Attackers(0), progress=Silent())


def check(verdict: Verdict, name: str) -> Check:
    return next(check for check in verdict.checks if check.name == name)


def with_auc(given: Audit, rate: Rate, p: float) -> Audit:
    """The audit with the artifact's loss attack at this AUC."""
    artifact = given.subjects[0]
    attacks = (replace(artifact.attacks[0], auc=rate), *artifact.attacks[1:])
    excesses = tuple(
        replace(excess, p=p) if excess.check == "AUC, loss attack" else excess
        for excess in given.excesses
    )
    subjects = (replace(artifact, attacks=attacks), *given.subjects[1:])
    return replace(given, subjects=subjects, excesses=excesses)


def test_a_clean_audit_passes_and_is_never_called_safe(clean: Audit, policy: Policy) -> None:
    verdict = judge(clean, policy)
    assert verdict.outcome is Outcome.PASS
    assert verdict.reason == (
        "No leakage above AUC 0.55 and TPR 4 % at 1 % FPR was found by the attacks loss and "
        "modified-entropy on 5000 samples (evidence tier T0)."
    )
    assert "safe" not in verdict.reason
    assert verdict.tier is Tier.T0


def test_every_check_has_a_reason_and_every_refusal_a_remedy(clean: Audit) -> None:
    strict = Policy(schema_version=1, name="strict", absolute=Absolute(auc=0.501))
    for found in judge(clean, strict).checks:
        assert found.reason
        assert found.remedy or found.outcome is Outcome.PASS or not found.required


def test_a_bound_surely_above_the_limit_fails(clean: Audit, policy: Policy) -> None:
    leaky = with_auc(clean, Rate(0.7, 0.68, 0.72, 5000, 0.9), 1e-6)
    verdict = judge(leaky, policy)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.startswith(
        "The file leaks more than the policy allows: loss attack: AUC 0.7000"
    )
    assert check(verdict, "AUC, loss attack").outcome is Outcome.FAIL


def test_the_reason_names_the_strongest_attack_and_not_the_first(
    clean: Audit, policy: Policy
) -> None:
    leaky = with_auc(clean, Rate(0.7, 0.68, 0.72, 5000, 0.9), 1e-6)
    artifact = leaky.subjects[0]
    stronger = replace(artifact.attacks[1], auc=Rate(0.9, 0.89, 0.91, 5000, 0.9))
    assert stronger.attack == "modified-entropy"
    subjects = (replace(artifact, attacks=(artifact.attacks[0], stronger)), *leaky.subjects[1:])
    excesses = tuple(
        replace(excess, p=1e-6) if excess.check == "AUC, modified-entropy attack" else excess
        for excess in leaky.excesses
    )
    verdict = judge(replace(leaky, subjects=subjects, excesses=excesses), policy)
    assert verdict.reason == (
        "The file leaks more than the policy allows: modified-entropy attack: AUC 0.9000 "
        "[0.8900, 0.9100] is above the limit 0.55, corrected for the number of checks "
        "(and 1 more check)."
    )


def test_a_bound_above_the_limit_by_chance_of_many_checks_does_not_fail(
    clean: Audit, policy: Policy
) -> None:
    """p = 0.04 would fail alone; among eight checks Holm asks for less than 0.05 / 8."""
    verdict = judge(with_auc(clean, Rate(0.57, 0.552, 0.59, 5000, 0.9), 0.04), policy)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert check(verdict, "AUC, loss attack").cause is Cause.BEYOND_MARGIN


def test_a_wide_interval_asks_for_a_number_of_samples(clean: Audit, policy: Policy) -> None:
    verdict = judge(with_auc(clean, Rate(0.53, 0.5, 0.56, 1000, 0.9), 1.0), policy)
    found = check(verdict, "AUC, loss attack")
    assert (found.outcome, found.cause) == (Outcome.INCONCLUSIVE, Cause.TOO_FEW_SAMPLES)
    assert found.remedy == "audit with about 3,600 members and 3,600 others"


def test_an_upper_bound_at_the_limit_does_not_pass(clean: Audit, policy: Policy) -> None:
    verdict = judge(with_auc(clean, Rate(0.53, 0.5, 0.55, 5000, 0.9), 1.0), policy)
    assert verdict.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_figure_that_is_no_number_never_passes(
    clean: Audit, policy: Policy, value: float
) -> None:
    verdict = judge(with_auc(clean, Rate(value, value, value, 5000, 0.9), 1.0), policy)
    assert verdict.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("topic", MUST_BE_CHECKED, ids=lambda topic: topic.name)
def test_a_check_that_was_not_made_never_passes(clean: Audit, policy: Policy, topic: Any) -> None:
    kept = tuple(check for check in clean.validity if check.name != topic.name)
    assert len(kept) == len(clean.validity) - 1
    verdict = judge(replace(clean, validity=kept), policy)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert check(verdict, topic.name).cause is Cause.EVIDENCE_MISSING


@pytest.mark.parametrize(
    "gone",
    [
        {"subjects": ()},
        {"changes": ()},
        {"excesses": ()},
        {"accuracy_change": None},
        {"compression_change": None},
    ],
    ids=lambda gone: next(iter(gone)),
)
def test_a_figure_that_is_missing_never_passes(
    clean: Audit, policy: Policy, gone: dict[str, Any]
) -> None:
    assert judge(replace(clean, **gone), policy).outcome is Outcome.INCONCLUSIVE


def test_an_attack_that_was_not_run_never_passes(clean: Audit, policy: Policy) -> None:
    more = policy.model_copy(update={"attacks": ("loss", "modified-entropy", "neural")})
    verdict = judge(clean, more)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert check(verdict, "AUC, neural attack").cause is Cause.EVIDENCE_MISSING


def test_an_audit_under_laxer_confidence_or_limits_is_stale(clean: Audit, policy: Policy) -> None:
    for change in ({"confidence": 0.99}, {"absolute": Absolute(auc=0.6)}):
        verdict = judge(clean, policy.model_copy(update=change))
        assert verdict.outcome is Outcome.INCONCLUSIVE
        assert check(verdict, "AUC, loss attack").cause is Cause.EVIDENCE_STALE


def test_low_rates_need_the_policys_tier(clean: Audit, policy: Policy) -> None:
    verdict = judge(clean, policy.model_copy(update={"low_fpr_tier": Tier.T1}))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    low = [found for found in verdict.checks if found.cause is Cause.TIER_TOO_LOW]
    assert {found.kind for found in low} == {"absolute", "relative"}
    assert all("1 % FPR" in found.name for found in low)
    raised = replace(clean, tier=Tier.T1)
    assert (
        judge(raised, policy.model_copy(update={"low_fpr_tier": Tier.T1})).outcome is Outcome.PASS
    )


def test_a_low_rate_surely_exceeded_fails_on_any_tier(clean: Audit, policy: Policy) -> None:
    name = "TPR at 1 % FPR, loss attack"
    excesses = tuple(
        Excess(name, 0.04, 1e-6) if excess.check == name else excess for excess in clean.excesses
    )
    high = policy.model_copy(update={"low_fpr_tier": Tier.T2})
    assert judge(replace(clean, excesses=excesses), high).outcome is Outcome.FAIL


def test_tied_scores_are_unresolved(clean: Audit, policy: Policy) -> None:
    artifact = clean.subjects[0]
    tied = replace(
        artifact, attacks=(replace(artifact.attacks[0], tie_mass=0.61), *artifact.attacks[1:])
    )
    verdict = judge(replace(clean, subjects=(tied, *clean.subjects[1:])), policy)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    found = check(verdict, "TPR at 1 % FPR, loss attack")
    assert found.cause is Cause.UNRESOLVED
    assert "61 %" in found.reason


def test_a_realised_rate_far_below_the_asked_one_is_unresolved(
    clean: Audit, policy: Policy
) -> None:
    artifact = clean.subjects[0]
    first = artifact.attacks[0]
    points = (replace(first.tpr[0], realised_fpr=0.004), *first.tpr[1:])
    saturated = replace(artifact, attacks=(replace(first, tpr=points), *artifact.attacks[1:]))
    verdict = judge(replace(clean, subjects=(saturated, *clean.subjects[1:])), policy)
    assert check(verdict, "TPR at 1 % FPR, loss attack").cause is Cause.UNRESOLVED
    assert check(verdict, "AUC, loss attack").outcome is Outcome.PASS


def test_the_worst_outcome_of_required_checks_decides(clean: Audit, policy: Policy) -> None:
    def among(*outcomes: Outcome) -> Outcome:
        first = clean.validity[0]
        more = tuple(replace(first, name=f"extra {o}", outcome=o) for o in outcomes)
        return judge(replace(clean, validity=(*clean.validity, *more)), policy).outcome

    assert among(Outcome.INCONCLUSIVE) is Outcome.INCONCLUSIVE
    assert among(Outcome.INCONCLUSIVE, Outcome.FAIL) is Outcome.FAIL
    assert among(Outcome.FAIL, Outcome.INVALID, Outcome.INCONCLUSIVE) is Outcome.INVALID


def test_a_check_that_is_not_required_only_shows(clean: Audit, policy: Policy) -> None:
    shown = replace(clean.validity[0], name="extra", outcome=Outcome.FAIL, required=False)
    verdict = judge(replace(clean, validity=(*clean.validity, shown)), policy)
    assert verdict.outcome is Outcome.PASS
    undecidable = check(verdict, "TPR at 0.1 % FPR, loss attack")
    assert not undecidable.required
    assert undecidable.cause is Cause.TOO_FEW_SAMPLES
    assert "3688" in undecidable.reason


def test_an_empty_audit_is_no_pass(policy: Policy) -> None:
    nothing = Audit((), (), None, None, None, Tier.T2, (), 1)
    assert judge(nothing, policy).outcome is Outcome.INCONCLUSIVE
    lenient = policy.model_copy(update={"relative": "none"})
    assert judge(nothing, lenient).outcome is Outcome.INCONCLUSIVE


def test_a_broken_file_is_called_broken_before_it_is_called_leaky(
    clean: Audit, policy: Policy
) -> None:
    leaky = with_auc(clean, Rate(0.7, 0.68, 0.72, 5000, 0.9), 1e-6)
    broken = replace(leaky, accuracy_change=Rate(-0.3, -0.32, -0.28, 3000, 0.9))
    verdict = judge(broken, policy)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.startswith("The file is broken, so its leakage figures mean nothing")


def test_accuracy_lost_in_compression_is_not_called_a_broken_file(
    clean: Audit, policy: Policy
) -> None:
    verdict = judge(replace(clean, compression_change=Rate(-0.3, -0.32, -0.28, 3000, 0.9)), policy)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.startswith("The file is not what the policy asks for: accuracy lost in")


def test_quantization_samples_that_leak_fail(clean: Audit, policy: Policy) -> None:
    changes = tuple(
        Change(attack, "AUC on quantization samples", Rate(0.2, 0.15, 0.25, 2256, 0.9), "")
        for attack in policy.attacks
    )
    excesses = tuple(
        Excess(f"change of AUC on quantization samples, {attack} attack", 0.05, 1e-5)
        for attack in policy.attacks
    )
    given = replace(
        clean, changes=(*clean.changes, *changes), excesses=(*clean.excesses, *excesses)
    )
    assert judge(given, policy).outcome is Outcome.FAIL


def test_limits_of_null_are_shown_and_never_required(clean: Audit, policy: Policy) -> None:
    free = policy.model_copy(update={"absolute": Absolute(tpr=(TprLimit(fpr=0.01, limit=None),))})
    found = check(judge(clean, free), "TPR at 1 % FPR, loss attack")
    assert not found.required
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "sets no limit" in found.reason


def test_subjects_of_other_names_do_not_stand_in_for_the_artifact(
    clean: Audit, policy: Policy
) -> None:
    renamed: tuple[Subject, ...] = tuple(
        replace(subject, name=f"other {subject.name}") for subject in clean.subjects
    )
    assert judge(replace(clean, subjects=renamed), policy).outcome is Outcome.INCONCLUSIVE
