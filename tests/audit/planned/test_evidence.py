"""Policies that no number of samples decides are refused with the reason."""

from __future__ import annotations

from sc_deploy.audit.planned import evidence
from sc_deploy.contracts import Tier
from sc_deploy.policy import Absolute, Canaries, Policy, Relative, small


def where(policy: Policy) -> list[str]:
    return [problem.where for problem in evidence.never(policy)]


def test_the_default_can_be_decided() -> None:
    assert where(small()) == []


def test_labels_alone_have_no_low_false_positive_rate() -> None:
    labels = small().model_copy(update={"attacks": ("gap", "label-only")})
    assert where(labels) == ["TPR at 1 % FPR, change of TPR at 1 % FPR"]
    unlimited = labels.model_copy(
        update={"absolute": Absolute(tpr=()), "relative": Relative(tpr=())}
    )
    assert where(unlimited) == []


def test_the_gap_attack_alone_is_held_against_nothing() -> None:
    unlimited = {"absolute": Absolute(tpr=()), "relative": Relative(tpr=())}
    alone = small().model_copy(update={"attacks": ("gap",)} | unlimited)
    assert where(alone) == ["attacks reach the gap attack"]
    assert where(alone.model_copy(update={"attacks": ("gap", "loss")})) == []


def test_reference_evidence_takes_an_attack_that_asks_them() -> None:
    second = small().model_copy(update={"low_fpr_tier": Tier.T2})
    assert where(second) == ["low_fpr_tier"]
    assert where(second.model_copy(update={"attacks": ("loss", "base")})) == []


def test_canary_evidence_takes_a_limit_that_binds_them() -> None:
    free = small().model_copy(update={"canaries": Canaries(epsilon=None)})
    assert where(free) == ["low_fpr_tier"]
    assert where(free.model_copy(update={"low_fpr_tier": Tier.T0})) == []


def test_attacks_that_ask_references_make_canaries_needless_for_the_tier() -> None:
    asking = small().model_copy(update={"attacks": ("loss", "rmia")})
    assert not evidence.needs_canaries(asking)
    assert evidence.reference_models(asking) == 4
    assert evidence.beside_answers(asking)[0].startswith("the rmia attack needs reference models")
