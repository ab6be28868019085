"""Attributes with a planted truth: what answers tell of them beyond the label."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.evidence import ARTIFACT, Evidence
from sc_deploy.audit.findings import attributes
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers, Exposed
from sc_deploy.contracts import AttributeInference, Cause, Check, Knowledge, Outcome, Predictions
from sc_deploy.policy import Policy
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def with_attribute(evidence: Evidence, *, told: float, by_label: bool) -> Evidence:
    """An attribute that moves one logit by `told`, and that goes with the label if `by_label`."""
    rng = np.random.default_rng(5)
    artifact, known = {}, {}
    for role, given in evidence.artifact.items():
        value = (rng.random(len(given.labels)) < 0.3).astype(np.int64)
        if by_label:
            value = np.where(rng.random(len(value)) < 0.8, given.labels % 2, value)
        logits = given.logits.copy()
        logits[:, 3] += (told * value).astype(np.float32)
        artifact[role] = replace(given, logits=logits)
        known[role] = Knowledge(attribute=value)
    return replace(evidence, artifact=artifact, known={"artifact": known})


def examined(evidence: Evidence, policy: Policy) -> tuple[AttributeInference, list[Check]]:
    found = audit(evidence, policy, Attackers(0), progress=Silent())
    (ours,) = [one for one in found.attributes if one.subject == "artifact"]
    return ours, [c for c in judge(found, policy).checks if c.name == attributes.NAME]


@pytest.fixture(scope="module")
def fair(plant: Any, world: Any) -> Evidence:
    found: Evidence = plant(replace(world, audit=1500, calibration=500, test=500))
    return found


@pytest.fixture(scope="module")
def strict(policy: Policy) -> Policy:
    return policy.model_copy(
        update={"attribute": 0.1, "attacks": ("loss",), "min_audit_samples": 1000}
    )


def test_answers_that_betray_the_attribute_fail_the_limit(fair: Evidence, strict: Policy) -> None:
    found, (check,) = examined(with_attribute(fair, told=4.0, by_label=False), strict)
    assert found.gain.low > 0.2
    assert found.baseline.low < 0.5 < found.baseline.high
    assert check.outcome is Outcome.FAIL


def test_what_the_label_alone_gives_away_is_not_held_against_the_model(
    fair: Evidence, strict: Policy
) -> None:
    found, (check,) = examined(with_attribute(fair, told=0.0, by_label=True), strict)
    assert found.baseline.low > 0.7
    assert abs(found.gain.value) < 0.03
    assert check.outcome is Outcome.PASS


def test_without_a_limit_it_is_shown_only(fair: Evidence, strict: Policy) -> None:
    lax = strict.model_copy(update={"attribute": None})
    _, (check,) = examined(with_attribute(fair, told=4.0, by_label=False), lax)
    assert not check.required


def test_a_limit_on_an_attribute_that_no_task_names_is_never_a_pass(
    fair: Evidence, strict: Policy
) -> None:
    found = audit(fair, strict, Attackers(0), progress=Silent())
    (check,) = [c for c in judge(found, strict).checks if c.name == attributes.NAME]
    assert found.attributes == ()
    assert check.cause is Cause.EVIDENCE_MISSING
    assert check.required


def test_a_value_that_few_samples_have_is_left_out(fair: Evidence, strict: Policy) -> None:
    given = with_attribute(fair, told=4.0, by_label=False)
    known = {
        role: replace(k, attribute=np.where(np.arange(len(k.attribute)) < 4, 2, k.attribute))
        for role, k in given.known["artifact"].items()
        if k.attribute is not None
    }
    found, _ = examined(replace(given, known={"artifact": known}), strict)
    assert found.values == 2


def gain(evidence: Evidence, policy: Policy) -> float:
    """How wide its interval is."""
    models = {ARTIFACT: Exposed(evidence.artifact, evidence.known[ARTIFACT])}
    (found,) = attributes.measure(attributes.infer(models), policy)
    return found.gain.high - found.gain.low


def test_records_of_one_person_are_one_guess(fair: Evidence, strict: Policy) -> None:
    """Ten copies of each record are no ten guesses: they narrow nothing."""
    plain = with_attribute(fair, told=0.6, by_label=False)
    rows = {role: np.repeat(np.arange(len(g.labels)), 10) for role, g in plain.artifact.items()}
    copied = {
        role: Predictions(g.logits[rows[role]], g.labels[rows[role]], g.sample_id[rows[role]])
        for role, g in plain.artifact.items()
    }
    beside = {role: known.take(rows[role]) for role, known in plain.known[ARTIFACT].items()}
    people = {
        role: replace(known, unit=10_000 * place + rows[role])
        for place, (role, known) in enumerate(beside.items())
    }
    alone = gain(plain, strict)
    assert gain(replace(plain, artifact=copied, known={ARTIFACT: people}), strict) > 0.95 * alone
    assert gain(replace(plain, artifact=copied, known={ARTIFACT: beside}), strict) < 0.5 * alone
