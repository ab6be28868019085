"""That no way in which a conversion breaks looks private: broken before private is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.gate import judge
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Outcome, Verdict
from sc_deploy.policy import Policy
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from sc_deploy.audit.evidence import Evidence

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def verdict_on(evidence: Evidence, policy: Policy) -> Verdict:
    return judge(audit(evidence, policy, Attackers(0), progress=Silent()), policy)


def altered(evidence: Evidence, way: Any) -> Evidence:
    artifact = {
        role: replace(given, logits=way(given.logits).astype(np.float32))
        for role, given in evidence.artifact.items()
    }
    return replace(evidence, artifact=artifact)


def not_a_number(logits: Any) -> Any:
    spoilt = logits.copy()
    spoilt[::50] = np.nan
    return spoilt


@pytest.mark.parametrize(
    ("way", "outcome"),
    [
        (lambda logits: np.tile(logits[:1], (len(logits), 1)), Outcome.FAIL),
        (lambda logits: np.clip(logits, -0.5, 0.5), Outcome.FAIL),
        (lambda logits: np.clip(logits, None, 3.0), Outcome.FAIL),
        (np.sign, Outcome.FAIL),
        (lambda logits: logits[:, [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]], Outcome.FAIL),
        (lambda logits: np.roll(logits, 1, axis=1), Outcome.FAIL),
        (not_a_number, Outcome.INVALID),
        (lambda logits: logits * np.inf, Outcome.INVALID),
    ],
    ids=[
        "constant",
        "saturated on both sides",
        "saturated above",
        "signs alone",
        "two classes swapped",
        "classes rolled",
        "some not a number",
        "infinite",
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_broken_conversion_never_looks_private(
    plant: Any, world: Any, policy: Policy, way: Any, outcome: Outcome
) -> None:
    found = verdict_on(altered(plant(replace(world, audit=1000, test=1000)), way), policy)
    assert found.outcome is outcome


@pytest.mark.parametrize(
    "way",
    [
        lambda logits: np.clip(logits, -0.5, 0.5),
        lambda logits: np.clip(logits, None, 3.0),
        np.sign,
    ],
)
def test_a_saturated_file_does_not_pass_even_where_nobody_has_its_source(
    plant: Any, world: Any, policy: Policy, way: Any
) -> None:
    alone = policy.model_copy(
        update={
            "relative": "none",
            "accuracy": policy.accuracy.model_copy(update={"compression_loss": None}),
        }
    )
    orphan = replace(altered(plant(world), way), source=None, dense=None)
    found = verdict_on(orphan, alone)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "answers are not saturated" in found.reason
