"""Sides drawn by lot, so that there is nothing to find."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.evidence import ARTIFACT, AUDIT, CALIBRATION
from sc_deploy.contracts import Outcome, Predictions
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Role
    from sc_deploy.pipeline.self_test.laboratory import Laboratory

# Standard errors; three attacks on one model reach it in one run of 5,000.
FARTHEST: Final = 4.0
ONE_SIDED_95: Final = 1.645


def _examine(laboratory: Laboratory) -> Observation:
    evidence = laboratory.leaky
    assert evidence.source is not None
    artifact, source = (_mixed(laboratory, side) for side in (evidence.artifact, evidence.source))
    mixed = replace(evidence, artifact=artifact, source=source, known={})
    audit, verdict = laboratory.judge(mixed)
    found = [a.auc for s in audit.subjects if s.name == ARTIFACT for a in s.attacks]
    off = max(abs(auc.value - 0.5) / ((auc.high - auc.low) / (2 * ONE_SIDED_95)) for auc in found)
    told = f"{verdict.outcome}, AUCs within {off:.1f} standard errors of 0.5"
    return Observation(told, verdict.outcome is not Outcome.FAIL and off < FARTHEST)


def _mixed(laboratory: Laboratory, answers: Mapping[Role, Predictions]) -> dict[Role, Predictions]:
    """Both sides of each pair of roles thrown together and dealt anew, alike for every model."""
    found = dict(answers)
    rng = laboratory.generator(30)
    for pair in (AUDIT, CALIBRATION):
        both = [answers[role] for role in pair]
        joined = Predictions(
            np.concatenate([one.logits for one in both]),
            np.concatenate([one.labels for one in both]),
            np.concatenate([one.sample_id for one in both]),
        )
        order = rng.permutation(len(joined.labels))
        parts = np.split(order, [len(both[0].labels)])
        for role, at in zip(pair, parts, strict=True):
            found[role] = Predictions(joined.logits[at], joined.labels[at], joined.sample_id[at])
    return found


SPECIMEN: Final = Specimen(
    "null run",
    "the over-fitted model with sides drawn by lot",
    "not FAIL, every AUC near 0.5",
    _examine,
)
