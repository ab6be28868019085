"""Attacks that see no more than labels, from the policy to the verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special

from sc_deploy.audit import auditor, gate
from sc_deploy.audit.evidence import ARTIFACT, SOURCE, Evidence
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Cause, Check, Knowledge, Outcome, Verdict
from sc_deploy.policy import Policy
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def voted(evidence: Evidence) -> Evidence:
    """The evidence with nine votes a sample: its answer, shaken a little."""
    known = {}
    for name, answers in ((ARTIFACT, evidence.artifact), (SOURCE, evidence.source or {})):
        known[name] = {
            role: Knowledge(
                votes=np.stack(
                    [
                        (found.logits + shake).argmax(axis=1) == found.labels
                        for shake in np.random.default_rng(0).normal(
                            size=(9, 1, found.logits.shape[1])
                        )
                    ],
                    axis=1,
                )
            )
            for role, found in answers.items()
        }
    return replace(evidence, known=known)


def judged(evidence: Evidence, policy: Policy) -> Verdict:
    return gate.judge(auditor.audit(evidence, policy, Attackers(0), progress=Silent()), policy)


def of_attack(verdict: Verdict, attack: str) -> list[Check]:
    return [check for check in verdict.checks if f"{attack} attack" in check.name]


def test_a_policy_can_gate_on_labels_alone(plant: Any, world: Any, policy: Policy) -> None:
    policy = policy.model_copy(update={"attacks": ("loss", "label-only")})
    verdict = judged(voted(plant(world)), policy)
    assert {check.name: check.outcome for check in of_attack(verdict, "label-only")} == {
        "AUC, label-only attack": Outcome.PASS,
        "change of AUC, label-only attack": Outcome.PASS,
    }


def test_a_leak_that_votes_show_fails(plant: Any, world: Any, policy: Policy) -> None:
    policy = policy.model_copy(update={"attacks": ("loss", "label-only")})
    verdict = judged(voted(plant(replace(world, skill=1.0, leak=4.0))), policy)
    (absolute,) = [c for c in of_attack(verdict, "label-only") if c.kind == "absolute"]
    assert absolute.outcome is Outcome.FAIL


def test_without_votes_its_checks_are_inconclusive(plant: Any, world: Any, policy: Policy) -> None:
    policy = policy.model_copy(update={"attacks": ("loss", "label-only")})
    verdict = judged(plant(world), policy)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    for check in of_attack(verdict, "label-only"):
        assert check.outcome is Outcome.INCONCLUSIVE
        assert "altered views" in check.reason


def test_the_gap_attack_alone_does_not_prove_that_attacks_work(
    plant: Any, world: Any, policy: Policy
) -> None:
    verdict = judged(plant(world), policy.model_copy(update={"attacks": ("gap",)}))
    (strength,) = [c for c in verdict.checks if c.name == "attacks reach the gap attack"]
    assert strength.outcome is Outcome.INCONCLUSIVE


def test_a_shown_attack_that_points_the_wrong_way_does_not_stop_a_release(
    plant: Any, world: Any, policy: Policy
) -> None:
    """Members here have the loss of others, and answers whose rest is spread evenly."""
    evidence = plant(world)
    for answers in (evidence.artifact, evidence.source):
        for role, found in answers.items():
            if role.startswith("member"):
                rest = np.ones(found.logits.shape, np.bool_)
                rest[np.arange(len(rest)), found.labels] = False
                others = found.logits[rest].reshape(len(rest), -1)
                even = special.logsumexp(others, axis=1) - np.log(others.shape[1])
                found.logits[rest] = np.repeat(even, others.shape[1])
    policy = policy.model_copy(update={"attacks": ("loss",), "shown": ("entropy",)})
    found = auditor.audit(evidence, policy, Attackers(0), progress=Silent())
    (entropy,) = [a for a in found.subjects[0].attacks if a.attack == "entropy"]
    (orientation,) = [c for c in found.validity if c.name == "attacks point the right way"]
    assert entropy.auc.high < 0.45
    assert orientation.outcome is Outcome.PASS


def test_attacks_on_labels_alone_keep_no_limit_at_a_low_rate(
    plant: Any, world: Any, policy: Policy
) -> None:
    """Or a policy of nothing else would PASS on rates that nobody measured."""
    policy = policy.model_copy(update={"attacks": ("gap", "label-only"), "shown": ("loss",)})
    verdict = judged(voted(plant(world)), policy)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    missing = {c.name: c.cause for c in verdict.checks if c.required and "TPR" in c.name}
    assert missing == {
        "TPR at 1 % FPR": Cause.EVIDENCE_MISSING,
        "change of TPR at 1 % FPR": Cause.EVIDENCE_MISSING,
    }
