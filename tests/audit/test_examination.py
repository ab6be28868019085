"""That no detector is forgotten, and what removing evidence from an audit comes to."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from sc_deploy.audit import detectors, examination
from sc_deploy.audit.auditor import audit
from sc_deploy.audit.evidence import ARTIFACT, AUDIT, Evidence
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import NOTHING, Cause, Outcome, Role, Verdict
from sc_deploy.policy import Policy
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.

NO_DETECTOR = {"__init__", "bursts", "confidence", "samples", "blind_view", "rehearsal"}
BY_DESIGN = {
    "clean": "where no label noise was injected, there are no clean ids",
    "quantization": "a file of floats has no samples that chose integer ranges",
    "unsteady": "no batch size that changes answers is the good news",
    "brought_weights": "False says that training began from random weights",
    "declared_members": "only asked where weights were brought",
    "preprocessing": "the samples themselves are compared in any case",
    "looks": "the ledger counts from one",
    "tolerance": "never missing: every format states one",
    "references": "without reference models the tier is lower, and the policy judges by it",
    "public": "where the file's output is what the attacks read, there is no second one",
    "self_supplied": "False says that the file itself was run here",
    "may_share": "by default no two roles may hold the same samples",
    "rounded": "False says that every weight is to be found in the file as it was",
    "classes": "without names the labels are numbers in what is said of slices",
    "planted": "without canaries the tier is lower, and the policy judges by it",
    "exposed": "shown only: leakage of the members whose loss moved most in training",
    "lacking": "words about channels that are empty; the channels themselves count",
}
"""Fields of the evidence whose empty value is no missing evidence, and why."""


def verdict_on(evidence: Evidence, policy: Policy) -> Verdict:
    return judge(audit(evidence, policy, Attackers(0), progress=Silent()), policy)


def test_every_detector_of_the_folder_is_one_that_must_have_answered() -> None:
    folder = Path(detectors.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - NO_DETECTOR
    assert len(files) == len(examination.ALL) == len({topic.name for topic in examination.ALL})


def test_every_detector_answers_once(plant: Any, world: Any, policy: Policy) -> None:
    found = audit(plant(world), policy, Attackers(0), progress=Silent()).validity
    names = [check.name for check in found]
    assert len(set(names)) == len(names)
    assert {topic.name for topic in examination.ALL} <= set(names)


def test_attacks_that_are_only_shown_are_not_examined(
    plant: Any, world: Any, policy: Policy
) -> None:
    """A broken attack whose figures claim nothing cannot keep a file from its verdict."""
    shown = policy.model_copy(update={"attacks": ("loss",), "shown": ("neural",)})
    few = plant(replace(world, audit=300, calibration=60, test=100))
    attackers = Attackers(0)
    found = audit(few, shown, attackers, progress=Silent())
    assert "neural" not in " ".join(check.reason for check in found.validity)


def without_role(evidence: Evidence, role: Role) -> Evidence:
    return replace(
        evidence, artifact={key: own for key, own in evidence.artifact.items() if key is not role}
    )


def without_inputs(evidence: Evidence, role: Role) -> Evidence:
    known = {**evidence.known[ARTIFACT], role: NOTHING}
    return replace(evidence, known={ARTIFACT: known})


REMOVALS: dict[str, Any] = {
    "source": lambda given: replace(given, source=None),
    "dense": lambda given: replace(given, dense=None),
    "tensors_found": lambda given: replace(given, tensors_found=None),
    "tensors_expected": lambda given: replace(given, tensors_expected=None),
    "batch_sizes": lambda given: replace(given, batch_sizes=()),
    "known": lambda given: replace(given, known={}),
    "repeats": lambda given: replace(given, repeats=()),
    "some repeats": lambda given: replace(given, repeats=given.repeats[:2]),
    "artifact": lambda given: replace(given, artifact={}),
    **{
        f"artifact's {role}": lambda given, role=role: without_role(given, role)
        for role in (*AUDIT, Role.MEMBER_CALIBRATION, Role.NON_MEMBER_CALIBRATION, Role.TEST)
    },
    **{f"inputs of {role}": lambda given, role=role: without_inputs(given, role) for role in AUDIT},
}


def test_of_every_field_of_the_evidence_it_is_known_what_its_absence_means() -> None:
    assert {field.name for field in fields(Evidence)} == {
        *(name for name in REMOVALS if " " not in name),
        *BY_DESIGN,
    }


@pytest.mark.parametrize("removal", REMOVALS)
def test_missing_evidence_never_passes(
    plant: Any, world: Any, policy: Policy, removal: str
) -> None:
    """openmed's gate lets a release pass whose evidence is missing; whatever is removed here,
    no PASS is left, and the check that misses it says so."""
    found = verdict_on(REMOVALS[removal](plant(world)), policy)
    assert found.outcome is Outcome.INCONCLUSIVE
    causes = {check.cause for check in found.checks if check.required}
    assert causes & {Cause.EVIDENCE_MISSING, Cause.NOT_EXECUTED}


def test_a_policy_may_accept_that_nobody_saw_the_samples(
    plant: Any, world: Any, policy: Policy
) -> None:
    unseen = replace(plant(world), known={})
    accepting = policy.model_copy(update={"without_inputs": "accepted"})
    assert verdict_on(unseen, policy).outcome is Outcome.INCONCLUSIVE
    found = verdict_on(unseen, accepting)
    assert found.outcome is Outcome.PASS
    told = [check for check in found.checks if "not examined" in check.reason]
    assert len(told) == 3
    assert not any(check.required for check in told)


def test_retrying_until_it_passes_is_visible_in_the_words_of_the_verdict(
    plant: Any, world: Any, policy: Policy
) -> None:
    found = verdict_on(replace(plant(world), looks=7), policy)
    assert found.outcome is Outcome.PASS
    assert "which were scored 7 times by now" in found.reason
    worn = policy.model_copy(update={"most_looks": 6})
    assert verdict_on(replace(plant(world), looks=7), worn).outcome is Outcome.INCONCLUSIVE
