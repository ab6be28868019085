"""Are the answers of every needed role there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from sc_deploy.audit.pairing import Paired
    from sc_deploy.contracts import Check

TOPIC = Topic("evidence is complete", VALIDITY)


def complete(paired: Paired) -> Check:
    if not paired.gaps:
        return TOPIC.passed("every needed role has answers")
    return TOPIC.undecided(
        Cause.EVIDENCE_MISSING,
        f"missing or too short: {'; '.join(paired.gaps)}",
        "run the models on every role again",
    )
