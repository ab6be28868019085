from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sc_deploy.audit.evidence import AUDIT, CALIBRATION
from sc_deploy.audit.scores import Attackers, Exposed, compared, score
from sc_deploy.contracts import Knowledge, References, Role
from sc_deploy.privacy.statistics.auc import auc_change

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_a_model_that_is_met_again_keeps_its_attacker(plant: Any, world: Any) -> None:
    given = plant(replace(world, audit=50, calibration=50)).artifact
    again = {role: replace(found, logits=found.logits.copy()) for role, found in given.items()}
    attackers = Attackers(0)
    assert attackers.fit("loss", Exposed(given)) is attackers.fit("loss", Exposed(again))
    assert attackers.fit("loss", Exposed(given)) is not attackers.fit(
        "modified-entropy", Exposed(given)
    )


def test_a_model_that_differs_in_one_answer_gets_its_own_attacker(plant: Any, world: Any) -> None:
    given = plant(replace(world, audit=50, calibration=50)).artifact
    for role in (Role.MEMBER_CALIBRATION, Role.NON_MEMBER_CALIBRATION):
        attackers = Attackers(0)
        first = attackers.fit("loss", Exposed(given))
        logits = given[role].logits.copy()
        logits[0, 0] += 1e-3
        assert (
            attackers.fit("loss", Exposed({**given, role: replace(given[role], logits=logits)}))
            is not first
        )


def moved(given: Any, *, by: float, roles: tuple[Role, ...]) -> Any:
    """The answers with noise everywhere, and own-label logits of some roles raised."""
    rng = np.random.default_rng(9)
    found = {}
    for role, answers in given.items():
        logits = answers.logits + rng.normal(0, 0.02, answers.logits.shape).astype(np.float32)
        if role in roles:
            logits[np.arange(len(logits)), answers.labels] += np.float32(by)
        found[role] = replace(answers, logits=logits)
    return found


def neural_change(source: Any, artifact: Any) -> Any:
    now, before = compared(
        "neural", Exposed(artifact), Exposed(source), Attackers(0), quantization=None
    )
    return auc_change((before.members, before.non_members), (now.members, now.non_members)).rate(
        0.9
    )


def test_the_luck_of_fitting_is_no_change_of_the_model(plant: Any, world: Any) -> None:
    source = plant(replace(world, audit=600, calibration=300)).artifact
    change = neural_change(source, moved(source, by=0.0, roles=()))
    assert change.high - change.low < 0.01
    assert abs(change.value) < 0.005


def test_a_leak_that_only_the_artifact_has_is_a_change(plant: Any, world: Any) -> None:
    source = plant(replace(world, audit=600, calibration=300)).artifact
    roles = (Role.MEMBER_CALIBRATION, Role.MEMBER_AUDIT)
    assert neural_change(source, moved(source, by=1.0, roles=roles)).low > 0.05


def beside(given: Any, *, inside: float, roles: tuple[Role, ...]) -> dict[Role, Knowledge]:
    """Four references that know these roles, each trained on a share of the samples."""
    rng = np.random.default_rng(0)

    def table(answers: Any) -> Knowledge:
        trained = rng.random((4, len(answers.labels))) < inside
        return Knowledge(references=References(np.stack([answers.logits] * 4), trained))

    return {role: table(given[role]) for role in roles}


def test_an_attack_that_needs_more_references_says_so(plant: Any, world: Any) -> None:
    given = plant(replace(world, audit=50, calibration=50)).artifact
    known = beside(given, inside=0.0, roles=(*CALIBRATION, *AUDIT))
    model = Exposed(given, known)
    assert model.lacks("base") == ""
    assert model.lacks("lira-online") == (
        "the lira-online attack needs 2 reference models not trained on a sample and 2 reference "
        "models trained on it for most samples (0% have them)"
    )


def test_quantized_samples_that_no_reference_answered_for_are_not_scored(
    plant: Any, world: Any
) -> None:
    evidence = plant(replace(world, audit=50, calibration=50), quantized=True)
    given = evidence.artifact
    known = beside(given, inside=0.0, roles=(*CALIBRATION, *AUDIT))
    for name, expected in (("base", False), ("loss", True)):
        found = score(name, Exposed(given, known), Attackers(0), quantization=evidence.quantization)
        assert (found.quantized is not None) == expected
