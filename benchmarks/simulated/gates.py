"""The whole audit and its verdict, on evidence with a planted leak."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.simulated.study import Rng, Study
from sc_deploy.audit.auditor import audit
from sc_deploy.audit.gate import judge
from sc_deploy.audit.planned.demand import Assumptions
from sc_deploy.audit.planned.planner import Request, plan
from sc_deploy.audit.scores import Attackers, Exposed, score
from sc_deploy.contracts import Outcome, Tier
from sc_deploy.policy import Policy, small
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.progress import Silent
from tests.audit.conftest import World, planted

if TYPE_CHECKING:
    from collections.abc import Callable


def gates() -> list[Study]:
    """The whole audit and its verdict, on evidence with a planted leak."""
    enough, asked, edge = planned(1.0), policy(), at_the_limit()
    passes, fails = gate(enough, asked, Outcome.PASS), gate(enough, asked, Outcome.FAIL)
    caught = gate(replace(enough, leak=1.5), asked, Outcome.FAIL)
    few = gate(planned(0.5), asked, Outcome.PASS)
    just = World(audit=2000, calibration=100, test=1000, leak=0.5)
    told = f"planned n ({enough.audit:,})"
    return [
        Study("gate: PASS", f"no leak, {told}", 0.9, 200, passes, at_least=True),
        Study("gate: FAIL", f"no leak, {told}", 0.05, 200, fails),
        Study("gate: PASS", f"no leak, half the {told}", 0.9, 200, few),
        Study("gate: FAIL", f"leaks, {told}", 0.9, 100, caught, at_least=True),
        Study("gate: PASS", "leaks just the limit", 0.05, 500, gate(just, edge, Outcome.PASS)),
        Study("gate: FAIL", "leaks just the limit", 0.05, 500, gate(just, edge, Outcome.FAIL)),
    ]


ALIKE = Assumptions(correlation=0.999, conversion=0.005, compression=0.005)


def policy() -> Policy:
    changed = {"attacks": ("loss", "modified-entropy"), "low_fpr_tier": Tier.T0}
    return small().model_copy(update={"min_audit_samples": 1, **changed})


@cache
def planned(share_: float) -> World:
    roles = plan(policy(), Request(ALIKE, quantized=0)).roles
    n = next(role.members for role in roles if role.name == "audit")
    return World(audit=round(share_ * n), calibration=500, test=3000)


def gate(world: World, asked: Policy, outcome: Outcome) -> Callable[[Rng], float]:
    def happens(rng: Rng) -> float:
        evidence = planted(replace(world, seed=int(rng.integers(2**31))))
        found = audit(evidence, asked, Attackers(0), progress=Silent())
        return judge(found, asked).outcome is outcome

    return happens


@cache
def leak_of_the_limit(leak: float) -> float:
    """The loss attack's true AUC on such a model, from 800,000 samples a side."""
    found = []
    for seed in range(1000, 1008):
        world = World(seed=seed, audit=100_000, calibration=100, test=100, leak=leak)
        # The scores alone: detectors would take their time over so many samples.
        asked = score("loss", Exposed(planted(world).artifact), Attackers(0), quantization=None)
        found.append(auc(asked.members, asked.non_members).rate(0.9).value)
    return float(np.mean(found))


def at_the_limit() -> Policy:
    limit = policy().absolute.model_copy(update={"auc": leak_of_the_limit(0.5), "tpr": ()})
    return policy().model_copy(update={"attacks": ("loss",), "absolute": limit})
