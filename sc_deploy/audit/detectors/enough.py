"""Are there as many audit samples as the policy asks for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Check, Predictions, Role
    from sc_deploy.contracts.arrays import Int64

TOPIC = Topic("audit samples are enough", VALIDITY)


def enough(
    answers: Mapping[Role, Predictions], least: int, units: Mapping[Role, Int64] | None = None
) -> Check:
    """Where samples come in `units`, those count: a thousand records of one person are one draw."""
    by_unit = {role: np.unique(unit) for role, unit in (units or {}).items()}
    drawn = {role: by_unit.get(role, answers[role].labels) for role in answers}
    counts = [len(drawn.get(role, ())) for role in AUDIT]
    found = f"{counts[0]} audit members and {counts[1]} audit non-members"
    if by_unit:
        found = f"samples of {counts[0]} units as audit members, of {counts[1]} as non-members"
    if min(counts) >= least:
        return TOPIC.passed(found)
    return TOPIC.undecided(
        Cause.TOO_FEW_SAMPLES,
        f"{found}; the policy asks for {least} of each",
        f"give audit roles {least} members and {least} non-members",
    )
