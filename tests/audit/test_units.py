"""What the audit says where several samples belong to one person or device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.evidence import ARTIFACT, SOURCE
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.audit.topic import ABSOLUTE, RELATIVE
from sc_deploy.contracts import (
    Audit,
    Cause,
    Clustering,
    Knowledge,
    Outcome,
    Predictions,
    Rate,
    Role,
)
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.audit.evidence import Evidence
    from sc_deploy.policy import Policy

# Any: the types of fixtures live in conftest.py, which tests cannot import.

COPIES = 4
COPIED = (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT, Role.TEST)


def measured(evidence: Evidence, policy: Policy) -> Audit:
    return audit(evidence, policy, Attackers(0), progress=Silent())


def copied(evidence: Evidence, *, units: bool) -> Evidence:
    """Every audited and tested record four times over, each under an id of its own."""
    ids = {
        role: np.random.default_rng([99, code]).integers(
            0, 256, (COPIES * len(evidence.artifact[role].labels), 32), dtype=np.uint8
        )
        for code, role in enumerate(COPIED)
    }

    def repeat(answers: Mapping[Role, Predictions] | None) -> dict[Role, Predictions]:
        return {
            role: Predictions(
                np.repeat(given.logits, COPIES, axis=0), np.repeat(given.labels, COPIES), ids[role]
            )
            if role in COPIED
            else given
            for role, given in (answers or {}).items()
        }

    answers = {name: repeat(getattr(evidence, name)) for name in ("artifact", "source", "dense")}
    beside = {
        role: replace(told, inputs=np.repeat(told.inputs, COPIES, axis=0))
        if role in COPIED and told.inputs is not None
        else told
        for role, told in evidence.known[ARTIFACT].items()
    }
    known = by_unit(answers["artifact"], COPIES, beside) if units else {ARTIFACT: beside}
    return replace(
        evidence,
        artifact=answers["artifact"],
        source=answers["source"],
        dense=answers["dense"],
        known=known,
    )


def by_unit(
    answers: Mapping[Role, Predictions], size: int, known: Mapping[Role, Knowledge]
) -> dict[str, dict[Role, Knowledge]]:
    """What is known besides, and units of `size` neighbouring samples; those of the calibration
    roles hold one each."""
    beside, first = {}, 0
    for role, given in answers.items():
        each = size if role in COPIED else 1
        unit = first + np.arange(len(given.labels)) // each
        beside[role] = replace(known[role], unit=unit)
        first = int(unit.max()) + 1
    return {ARTIFACT: beside, SOURCE: beside}


def intervals(found: Audit) -> dict[str, Rate]:
    """Every interval that decides something, by name."""
    artifact = found.subjects[0]
    rates = {"accuracy": artifact.accuracy, "members": artifact.member_accuracy}
    for result in artifact.attacks:
        rates[f"{result.attack} AUC"] = result.auc
        rates[f"{result.attack} accuracy"] = result.accuracy
        rates |= {f"{result.attack} {p.fpr}": p.rate for p in result.tpr if p.rate is not None}
    rates |= {f"{c.attack} change {c.metric}": c.rate for c in found.changes if c.rate is not None}
    for name in ("accuracy_change", "compression_change", "agreement"):
        rate = getattr(found, name)
        if rate is not None:
            rates[name] = rate
    return rates


def test_copies_of_each_record_narrow_no_interval(plant: Any, world: Any, policy: Policy) -> None:
    evidence = plant(replace(world, audit=1000, calibration=300, test=1000, noise=0.05))
    plain = intervals(measured(evidence, policy))
    clustered = intervals(measured(copied(evidence, units=True), policy))
    deceived = intervals(measured(copied(evidence, units=False), policy))
    for name, rate in plain.items():
        width = rate.high - rate.low
        wide = clustered[name].high - clustered[name].low
        # A bootstrap has its own luck, and the agreement spans roles that were not copied.
        slack = 0.8 if "change TPR" in name else 0.97
        assert wide >= slack * width, name
    narrower = [
        n
        for n in plain
        if deceived[n].high - deceived[n].low < 0.8 * (plain[n].high - plain[n].low)
    ]
    assert len(narrower) > len(plain) / 2


def test_copies_do_not_turn_too_few_samples_into_a_pass(
    plant: Any, world: Any, policy: Policy
) -> None:
    evidence = plant(replace(world, audit=1000, calibration=300))
    deceived = judge(measured(copied(evidence, units=False), policy), policy)
    leakage = [check for check in deceived.checks if check.kind in {ABSOLUTE, RELATIVE}]
    assert {check.outcome for check in leakage if check.required} == {Outcome.PASS}
    verdict = judge(measured(copied(evidence, units=True), policy), policy)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    enough = next(c for c in verdict.checks if c.name == "audit samples are enough")
    assert enough.cause is Cause.TOO_FEW_SAMPLES
    assert "samples of 1000 units as audit members" in enough.reason


def test_the_audit_says_how_many_units_there_were(plant: Any, world: Any, policy: Policy) -> None:
    evidence = plant(replace(world, audit=400, calibration=100, test=400))
    assert measured(evidence, policy).clustering is None
    found = measured(copied(evidence, units=True), policy)
    assert found.clustering == Clustering(members=400, non_members=400, test=400)


def test_a_rate_that_the_units_cannot_resolve_says_so(
    plant: Any, world: Any, policy: Policy
) -> None:
    evidence = plant(replace(world, audit=300, calibration=100))
    found = measured(copied(evidence, units=True), policy)
    low = found.subjects[0].attacks[0].tpr[0]
    assert low.rate is None
    assert "needs 368 independent non-members" in low.note
    assert "as 300" in low.note


def test_units_of_unlike_samples_still_pass(plant: Any, world: Any, policy: Policy) -> None:
    """Five independent samples a unit, and enough units: no leak is found, and none is feared."""
    evidence = plant(replace(world, audit=12_500, calibration=600, test=10_000))
    grouped = replace(evidence, known=by_unit(evidence.artifact, 5, evidence.known[ARTIFACT]))
    assert judge(measured(grouped, policy), policy).outcome is Outcome.PASS


def test_a_leak_fails_by_unit_too(plant: Any, world: Any, policy: Policy) -> None:
    evidence = plant(replace(world, audit=2500, leak=2.0))
    verdict = judge(measured(copied(evidence, units=True), policy), policy)
    assert verdict.outcome is Outcome.FAIL
