"""What the model read of the audited samples, apart from anything it answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.evidence import ARTIFACT, AUDIT
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.units import one_of_each

if TYPE_CHECKING:
    from sc_deploy.audit.evidence import Evidence
    from sc_deploy.audit.topic import Topic
    from sc_deploy.contracts import Check
    from sc_deploy.contracts.arrays import Float32, Int64
    from sc_deploy.policy import Policy

REMEDY: Final = (
    "audit with the samples themselves, or accept in the policy that nobody compared them: "
    "`without_inputs: accepted`"
)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Inputs float32 [N, D] (or a summary of them), labels int64 [N] and units int64 [N] of one
    side; `unit` is None where each sample is a draw of its own."""

    inputs: Float32
    labels: Int64
    unit: Int64 | None = None

    def take(self, rows: Int64) -> Samples:
        unit = None if self.unit is None else self.unit[rows]
        return Samples(self.inputs[rows], self.labels[rows], unit)

    def independent(self, *, seed: int) -> Samples:
        """One sample of each unit: all of one person stand on one side, so that whoever knows
        that person again, or counts each sample as a draw, sees a shift where there is none."""
        return self if self.unit is None else self.take(one_of_each(self.unit, seed=seed))


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Audit members and audit non-members."""

    members: Samples
    non_members: Samples

    @property
    def comparable(self) -> bool:
        """As wide as each other, and nothing but numbers."""
        inputs = self.members.inputs, self.non_members.inputs
        return inputs[0].shape[1] == inputs[1].shape[1] and all(
            bool(np.isfinite(side).all()) for side in inputs
        )

    def independent(self, *, seed: int) -> Sides:
        """One sample of each unit, on both sides."""
        return Sides(self.members.independent(seed=seed), self.non_members.independent(seed=seed))


def of(evidence: Evidence) -> Sides | None:
    """None unless every audit sample has its input."""
    known = evidence.known.get(ARTIFACT, {})
    found = []
    for role in AUDIT:
        inputs = known[role].inputs if role in known else None
        if role not in evidence.artifact or inputs is None:
            return None
        labels = evidence.artifact[role].labels
        if inputs.ndim != 2 or len(inputs) != len(labels) or not inputs.size:
            return None
        found.append(Samples(inputs, labels, evidence.units.get(role)))
    return Sides(*found)


def unseen(topic: Topic, policy: Policy) -> Check:
    """The answer of a detector that would have to see the samples; it gates unless accepted."""
    required = policy.without_inputs == "inconclusive"
    return replace(topic, required=required).undecided(
        Cause.EVIDENCE_MISSING, "not examined: the samples themselves were not given", REMEDY
    )
