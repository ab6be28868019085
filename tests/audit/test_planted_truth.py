"""What the whole audit says of models whose leakage, or brokenness, was planted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Cause, Outcome, Predictions, Role, Tier, Verdict
from sc_deploy.errors import IntegrityError
from sc_deploy.policy import Policy, small
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from sc_deploy.audit.evidence import Evidence

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def verdict_on(evidence: Evidence, policy: Policy) -> Verdict:
    return judge(audit(evidence, policy, Attackers(0), progress=Silent()), policy)


def causes(verdict: Verdict) -> set[Cause | None]:
    return {check.cause for check in verdict.checks if check.required} - {None}


def altered(evidence: Evidence, change: Any, *roles: Role) -> Evidence:
    """The artifact's logits of these roles (all, if none is named) sent through `change`."""
    artifact = {
        role: replace(given, logits=change(given).astype(np.float32))
        if not roles or role in roles
        else given
        for role, given in evidence.artifact.items()
    }
    return replace(evidence, artifact=artifact)


@pytest.mark.parametrize(
    "draws", [10, pytest.param(100, marks=pytest.mark.slow)], ids=["quick", "all"]
)
def test_a_model_that_leaks_nothing_passes(
    plant: Any, world: Any, policy: Policy, draws: int
) -> None:
    outcomes = Counter(
        verdict_on(plant(replace(world, seed=seed, audit=5000, calibration=1000)), policy).outcome
        for seed in range(draws)
    )
    assert outcomes[Outcome.PASS] >= 0.9 * draws
    assert outcomes[Outcome.FAIL] <= 0.05 * draws


@pytest.mark.slow
def test_a_leak_of_exactly_the_limit_passes_no_more_often_than_stated(
    plant: Any, world: Any, policy: Policy
) -> None:
    """With the limit at the true AUC of the loss attack, PASS is an error; 5 % may be made."""
    leak = 0.5
    truth = np.mean(
        [
            audit(
                plant(replace(world, seed=1000 + seed, audit=5000, calibration=100, leak=leak)),
                policy.model_copy(update={"attacks": ("loss",)}),
                Attackers(0),
                progress=Silent(),
            )
            .subjects[0]
            .attacks[0]
            .auc.value
            for seed in range(40)
        ]
    )
    limit = policy.absolute.model_copy(update={"auc": float(truth)})
    at_limit = policy.model_copy(update={"absolute": limit, "attacks": ("loss",)})
    passed = failed = 0
    for seed in range(80):
        found = verdict_on(
            plant(replace(world, seed=seed, audit=2500, calibration=100, leak=leak)), at_limit
        )
        passed += found.outcome is Outcome.PASS
        failed += found.outcome is Outcome.FAIL
    assert passed <= 9
    assert failed <= 9


def test_a_model_that_leaks_fails(plant: Any, world: Any, policy: Policy) -> None:
    found = verdict_on(plant(replace(world, leak=2.0)), policy)
    assert found.outcome is Outcome.FAIL
    assert "leaks more than the policy allows" in found.reason


def test_a_leak_fails_by_the_neural_attack_alone(plant: Any, world: Any, policy: Policy) -> None:
    alone = policy.model_copy(update={"attacks": ("neural",)})
    assert verdict_on(plant(replace(world, leak=2.5)), alone).outcome is Outcome.FAIL


def test_a_leak_that_conversion_adds_fails_though_the_budget_would_allow_it(
    plant: Any, world: Any, policy: Policy
) -> None:
    """Only the comparison with the source sees it; parity is told to look away."""
    clean = plant(replace(world, audit=5000))
    rng = np.random.default_rng(0)

    def learn(given: Predictions) -> Any:
        logits = given.logits.copy()
        logits[np.arange(len(logits)), given.labels] += 0.45 * rng.random(len(logits))
        return logits

    members = (Role.MEMBER_AUDIT, Role.MEMBER_CALIBRATION)
    leaky = replace(
        altered(clean, learn, *members), tolerance=replace(clean.tolerance, max_error=9.0)
    )
    lax = policy.model_copy(
        update={"absolute": policy.absolute.model_copy(update={"auc": 0.7, "tpr": ()})}
    )
    assert verdict_on(clean, lax).outcome is Outcome.PASS
    found = verdict_on(leaky, lax)
    assert found.outcome is Outcome.FAIL
    assert "change of AUC" in found.reason


def test_a_hundred_samples_a_side_decide_nothing(plant: Any, world: Any, policy: Policy) -> None:
    for seed in range(5):
        found = verdict_on(plant(replace(world, seed=seed, audit=100, calibration=100)), policy)
        assert found.outcome is Outcome.INCONCLUSIVE
        assert Cause.TOO_FEW_SAMPLES in causes(found)


def test_lowering_the_least_number_does_not_make_a_hundred_enough(
    plant: Any, world: Any, policy: Policy
) -> None:
    eager = policy.model_copy(update={"min_audit_samples": 1})
    found = verdict_on(plant(replace(world, audit=100, calibration=100)), eager)
    assert found.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "ruin",
    [
        lambda given: np.zeros_like(given.logits),
        lambda given: np.tile(given.logits[0], (len(given.logits), 1)),
        lambda given: np.random.default_rng(0).permutation(given.logits),
        lambda given: np.roll(given.logits, 1, axis=1),
        lambda given: -given.logits,
        lambda given: np.random.default_rng(0).normal(size=given.logits.shape),
    ],
    ids=["zero", "constant", "shuffled", "classes rolled", "negated", "noise"],
)
def test_a_broken_file_fails_and_is_called_broken(
    plant: Any, world: Any, policy: Policy, ruin: Any
) -> None:
    found = verdict_on(altered(plant(world), ruin), policy)
    assert found.outcome is Outcome.FAIL
    assert "broken" in found.reason
    alone = policy.model_copy(
        update={
            "relative": "none",
            "accuracy": policy.accuracy.model_copy(update={"compression_loss": None}),
        }
    )
    orphan = replace(altered(plant(world), ruin), source=None, dense=None)
    assert verdict_on(orphan, alone).outcome is not Outcome.PASS


def test_a_broken_source_does_not_excuse_an_equally_broken_file(
    plant: Any, world: Any, policy: Policy
) -> None:
    given = plant(world)
    flat = {
        role: replace(answers, logits=np.zeros_like(answers.logits))
        for role, answers in given.artifact.items()
    }
    test = {Role.TEST: flat[Role.TEST]}
    found = verdict_on(replace(given, artifact=flat, source=flat, dense=test), policy)
    assert found.outcome is Outcome.FAIL
    assert "broken" in found.reason


def test_lost_accuracy_fails(plant: Any, world: Any, policy: Policy) -> None:
    def spoil(given: Predictions) -> Any:
        logits = given.logits.copy()
        logits[::10] = np.roll(logits[::10], 1, axis=1)
        return logits

    given = plant(world)
    loose = replace(given, tolerance=replace(given.tolerance, max_error=99.0, agreement=0.1))
    found = verdict_on(altered(loose, spoil), policy)
    assert found.outcome is Outcome.FAIL
    assert "accuracy lost in conversion" in found.reason


def test_answers_that_are_no_numbers_are_invalid(plant: Any, world: Any, policy: Policy) -> None:
    given = plant(world)
    given.artifact[Role.NON_MEMBER_AUDIT].logits[17, 3] = np.nan
    found = verdict_on(given, policy)
    assert found.outcome is Outcome.INVALID
    assert "not finite" in found.reason


def test_a_fixed_batch_is_invalid_even_if_it_leaks(plant: Any, world: Any, policy: Policy) -> None:
    found = verdict_on(replace(plant(replace(world, leak=2.0)), batch_sizes=(1,)), policy)
    assert found.outcome is Outcome.INVALID


@pytest.mark.parametrize("missing", ["source", "dense", "tensors_found", "tensors_expected"])
def test_missing_evidence_never_passes(
    plant: Any, world: Any, policy: Policy, missing: str
) -> None:
    found = verdict_on(replace(plant(world), **{missing: None}), policy)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert causes(found) == {Cause.EVIDENCE_MISSING}


def test_a_leaky_file_without_its_source_still_fails(
    plant: Any, world: Any, policy: Policy
) -> None:
    found = verdict_on(replace(plant(replace(world, leak=2.0)), source=None), policy)
    assert found.outcome is Outcome.FAIL


def test_a_model_whose_source_nobody_has_can_pass_if_the_policy_says_so(
    plant: Any, world: Any, policy: Policy
) -> None:
    alone = policy.model_copy(
        update={
            "relative": "none",
            "accuracy": policy.accuracy.model_copy(update={"compression_loss": None}),
        }
    )
    orphan = replace(plant(world), source=None, dense=None, tensors_expected=None)
    assert verdict_on(orphan, alone).outcome is Outcome.PASS


def test_relative_none_does_not_hide_a_source_that_is_there(
    plant: Any, world: Any, policy: Policy
) -> None:
    alone = policy.model_copy(update={"relative": "none"})
    ruined = altered(plant(world), lambda given: given.logits + 5 * (given.labels[:, None] == 0))
    assert verdict_on(ruined, alone).outcome is Outcome.FAIL


def test_a_source_without_numbers_is_missing_evidence(
    plant: Any, world: Any, policy: Policy
) -> None:
    given = plant(world)
    given.source[Role.TEST].logits[0, 0] = np.inf
    found = verdict_on(given, policy)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert Cause.EVIDENCE_MISSING in causes(found)


def test_samples_are_paired_by_identity_not_by_order(
    plant: Any, world: Any, policy: Policy
) -> None:
    given = plant(world)
    rng = np.random.default_rng(0)
    source = {}
    for role, answers in given.source.items():
        order = rng.permutation(len(answers.labels))
        source[role] = Predictions(
            answers.logits[order], answers.labels[order], answers.sample_id[order]
        )
    straight, shuffled = (
        audit(evidence, policy, Attackers(0), progress=Silent())
        for evidence in (given, replace(given, source=source))
    )
    assert shuffled == straight


def test_a_source_of_other_samples_is_refused(plant: Any, world: Any, policy: Policy) -> None:
    given, other = plant(world), plant(replace(world, seed=5))
    with pytest.raises(IntegrityError):
        verdict_on(replace(given, source=other.source), policy)


def test_members_given_as_non_members_fail_a_detector(
    plant: Any, world: Any, policy: Policy
) -> None:
    """Swapped sides make the leakiest model look private."""
    given = plant(replace(world, leak=2.0))

    def swap(answers: Any) -> Any:
        first, second = Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT
        return {**answers, first: answers[second], second: answers[first]}

    found = verdict_on(
        replace(given, artifact=swap(given.artifact), source=swap(given.source)), policy
    )
    assert found.outcome is Outcome.INCONCLUSIVE
    assert Cause.DETECTOR_FAILED in causes(found)


def test_fitting_on_audit_samples_is_noticed(plant: Any, world: Any, policy: Policy) -> None:
    given = plant(world)
    mixed = {
        **given.artifact,
        Role.MEMBER_CALIBRATION: given.artifact[Role.MEMBER_AUDIT],
    }
    source = {**given.source, Role.MEMBER_CALIBRATION: given.source[Role.MEMBER_AUDIT]}
    found = verdict_on(replace(given, artifact=mixed, source=source), policy)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert Cause.DETECTOR_FAILED in causes(found)


def as_int8_softmax(given: Predictions) -> Any:
    """What an artifact with a quantized softmax at its end answers, as log-probabilities."""
    logits = given.logits.astype(np.float64) * 3
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return np.log(np.maximum(np.round(p * 255) / 255, 1e-4))


@pytest.mark.parametrize("leak", [0.0, 0.6])
def test_saturated_outputs_never_pass_a_low_rate_in_silence(
    plant: Any, world: Any, policy: Policy, leak: float
) -> None:
    given = plant(replace(world, skill=5.0, leak=leak))
    loose = replace(given, tolerance=replace(given.tolerance, max_error=99.0))
    found = verdict_on(altered(loose, as_int8_softmax), policy)
    low = [check for check in found.checks if "TPR at 1 %" in check.name]
    assert low
    assert all(check.outcome is not Outcome.PASS for check in low)
    assert Cause.UNRESOLVED in {check.cause for check in low}
    assert found.outcome is not Outcome.PASS


def test_int8_logits_keep_the_leak(plant: Any, world: Any, policy: Policy) -> None:
    def rounded(given: Predictions) -> Any:
        scale = np.abs(given.logits).max() / 127
        return np.round(given.logits / scale) * scale

    leaky = altered(plant(replace(world, leak=2.0), quantized=True), rounded)
    assert verdict_on(leaky, policy).outcome is Outcome.FAIL
    clean = altered(plant(replace(world, audit=5000), quantized=True), rounded)
    assert Cause.UNRESOLVED not in causes(verdict_on(clean, policy))


def test_samples_that_chose_integer_ranges_are_audited_as_members(
    plant: Any, world: Any, policy: Policy
) -> None:
    given = plant(world, quantized=True)
    assert verdict_on(given, policy).outcome is Outcome.PASS
    chosen = {row.tobytes() for row in given.quantization}

    def learn(answers: Predictions) -> Any:
        logits = answers.logits.copy()
        for row, sample in enumerate(answers.sample_id):
            if sample.tobytes() in chosen:
                logits[row, answers.labels[row]] += 1.5
        return logits

    learned = altered(given, learn, Role.MEMBER_REFERENCE)
    found = verdict_on(replace(learned, tolerance=replace(given.tolerance, max_error=9.0)), policy)
    assert found.outcome is Outcome.FAIL
    assert "quantization samples" in found.reason


def test_quantization_samples_without_reference_answers_never_pass(
    plant: Any, world: Any, policy: Policy
) -> None:
    given = plant(world, quantized=True)
    kept = {k: v for k, v in given.source.items() if k is not Role.NON_MEMBER_REFERENCE}
    found = verdict_on(replace(given, source=kept), policy)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert causes(found) == {Cause.EVIDENCE_MISSING}


def test_threshold_evidence_is_too_little_for_the_default_policy(
    plant: Any, world: Any, policy: Policy
) -> None:
    default = small().model_copy(update={"attacks": policy.attacks})
    assert default.low_fpr_tier is Tier.T1
    found = verdict_on(plant(world), default)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert causes(found) == {Cause.TIER_TOO_LOW}


def test_the_same_seed_gives_the_same_audit(plant: Any, world: Any) -> None:
    few = replace(world, audit=400, calibration=100)
    first, second = (audit(plant(few), small(), Attackers(3), progress=Silent()) for _ in range(2))
    assert first == second
