"""Does any sample serve two purposes?"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from sc_deploy.audit.evidence import AUDIT, CALIBRATION
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.contracts import Check, Predictions
    from sc_deploy.contracts.arrays import UInt8

TOPIC = Topic("samples are kept apart", VALIDITY)


def apart(
    answers: Mapping[Role, Predictions],
    quantization: UInt8 | None,
    may_share: Sequence[tuple[Role, Role]] = (),
) -> Check:
    """No sample serves two roles, occurs twice, or both chose integer ranges and is audited.

    The pairs of `may_share` may hold the same samples.
    """
    ids = {role: _ids(answers[role].sample_id) for role in answers}
    wrong = [
        f"{role} holds a sample twice"
        for role in answers
        if len(ids[role]) != len(answers[role].sample_id)
    ]
    wrong += [
        f"{len(ids[first] & ids[second])} samples are both {first} and {second}"
        for first, second in combinations(answers, 2)
        if ids[first] & ids[second] and {first, second} not in map(set, may_share)
    ]
    chosen = _ids(quantization) if quantization is not None else frozenset()
    wrong += [
        f"{len(chosen & ids[role])} {role} samples chose the integer ranges"
        for role in (*AUDIT, *CALIBRATION, Role.NON_MEMBER_REFERENCE, Role.TEST)
        if role in ids and chosen & ids[role]
    ]
    if not wrong:
        return TOPIC.passed("no sample serves two purposes")
    return TOPIC.undecided(
        Cause.DETECTOR_FAILED, "; ".join(wrong), "draw the roles anew before training"
    )


def _ids(sample_id: UInt8) -> frozenset[bytes]:
    return frozenset(row.tobytes() for row in sample_id)
