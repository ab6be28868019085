"""The models that are planted are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.audit.evidence import AUDIT, CALIBRATION, NEEDED
from sc_deploy.contracts import Role
from sc_deploy.pipeline.self_test.laboratory import ADEQUATE, Laboratory


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(0)


def accuracy(laboratory: Laboratory, role: Role) -> float:
    given = laboratory.leaky.artifact[role]
    return float((given.logits.argmax(axis=1) == given.labels).mean())


def test_the_memoriser_knows_its_members_and_not_the_others(laboratory: Laboratory) -> None:
    assert (
        accuracy(laboratory, Role.MEMBER_AUDIT) > accuracy(laboratory, Role.NON_MEMBER_AUDIT) + 0.1
    )


def test_both_kinds_of_evidence_have_every_role_that_an_audit_needs(
    laboratory: Laboratory,
) -> None:
    for evidence in (laboratory.leaky, laboratory.private):
        assert set(evidence.artifact) >= set(NEEDED)
        ids = np.concatenate([evidence.artifact[role].sample_id for role in NEEDED])
        assert len(np.unique(ids, axis=0)) == len(ids)


def test_the_stranger_met_neither_side(laboratory: Laboratory) -> None:
    answers = laboratory.private.artifact
    assert [len(answers[role].labels) for role in AUDIT] == [ADEQUATE, ADEQUATE]
    right = [
        float((answers[role].logits.argmax(axis=1) == answers[role].labels).mean())
        for role in (*AUDIT, *CALIBRATION)
    ]
    assert max(right) - min(right) < 0.06


def test_the_file_is_the_source_rounded_to_float16(laboratory: Laboratory) -> None:
    evidence = laboratory.leaky
    assert evidence.source is not None
    ours, theirs = evidence.artifact[Role.TEST].logits, evidence.source[Role.TEST].logits
    assert not np.array_equal(ours, theirs)
    assert np.abs(ours - theirs).max() < 0.02 * theirs.std()
