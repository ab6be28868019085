"""Numbers that somebody hands in never let a file ship."""

from __future__ import annotations

from dataclasses import replace

from sc_deploy.audit import auditor, validity
from sc_deploy.audit.evidence import ARTIFACT, PUBLIC
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Cause, Outcome, Role
from sc_deploy.policy import Policy
from sc_deploy.progress import Silent
from tests.audit.conftest import Plant, World


def test_evidence_that_would_pass_is_undecided_if_it_was_handed_in(
    plant: Plant, world: World, policy: Policy
) -> None:
    evidence = plant(replace(world, audit=2500))
    outcomes = []
    for given in (evidence, replace(evidence, self_supplied=True)):
        verdict = judge(auditor.audit(given, policy, Attackers(0), progress=Silent()), policy)
        outcomes.append(verdict.outcome)
    assert outcomes == [Outcome.PASS, Outcome.INCONCLUSIVE]
    found = next(check for check in verdict.checks if check.name == "the file itself was asked")
    assert found.cause is Cause.NOT_EXECUTED
    assert "handed in" in verdict.reason


def test_the_public_output_is_shown_and_gates_nothing(
    plant: Plant, world: World, policy: Policy
) -> None:
    evidence = plant(world)
    leaky = plant(replace(world, leak=4.0)).artifact
    measured = auditor.audit(
        replace(evidence, public=leaky), policy, Attackers(0), progress=Silent()
    )
    aucs = {subject.name: subject.attacks[0].auc.value for subject in measured.subjects}
    assert aucs[PUBLIC] > 0.7 > aucs[ARTIFACT]
    assert judge(measured, policy).outcome is Outcome.PASS


def test_roles_that_may_share_samples_are_kept_apart_from_all_others(
    plant: Plant, world: World
) -> None:
    answers = dict(plant(replace(world, audit=50, test=50, calibration=50)).artifact)
    answers[Role.TEST] = answers[Role.NON_MEMBER_AUDIT]
    pair = ((Role.NON_MEMBER_AUDIT, Role.TEST),)
    assert validity.apart(answers, None).outcome is Outcome.INCONCLUSIVE
    assert validity.apart(answers, None, pair).outcome is Outcome.PASS
    answers[Role.MEMBER_AUDIT] = answers[Role.TEST]
    assert validity.apart(answers, None, pair).outcome is Outcome.INCONCLUSIVE
