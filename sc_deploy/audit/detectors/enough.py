"""Are there as many audit samples as the policy asks for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Check, Predictions, Role

TOPIC = Topic("audit samples are enough", VALIDITY)


def enough(answers: Mapping[Role, Predictions], least: int) -> Check:
    counts = [len(answers[role].labels) if role in answers else 0 for role in AUDIT]
    found = f"{counts[0]} audit members and {counts[1]} audit non-members"
    if min(counts) >= least:
        return TOPIC.passed(found)
    return TOPIC.undecided(
        Cause.TOO_FEW_SAMPLES,
        f"{found}; the policy asks for {least} of each",
        f"give audit roles {least} members and {least} non-members",
    )
