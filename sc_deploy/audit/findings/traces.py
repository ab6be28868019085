"""How much do those leak whom the course of training says are most exposed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.questions import two_sided
from sc_deploy.contracts import TraceLeakage
from sc_deploy.privacy import signals
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Predictions, Role, Vulnerability
    from sc_deploy.policy import Policy

SHARES: Final = (0.01, 0.05)
LEAST: Final = 25


def leakage(
    exposed: Vulnerability | None, answers: Mapping[Role, Predictions], policy: Policy
) -> TraceLeakage | None:
    """Of the most exposed 1 % of the audit members, or 5 % where that is fewer than 25 samples.

    None without traces, or where even those are too few. Who is in the slice was settled in
    training, not by the answers that are attacked, so that its AUC needs no correction.
    """
    if exposed is None:
        return None
    inside, outside = (answers[role] for role in AUDIT)
    place = {row.tobytes(): number for number, row in enumerate(inside.sample_id)}
    turn = [place[row] for row in map(bytes, exposed.sample_id) if row in place]
    share = next((share for share in SHARES if share * len(turn) >= LEAST), None)
    if share is None:
        return None
    most = np.array(turn[: int(share * len(turn))])
    members, others = (signals.margin(side.logits, side.labels) for side in (inside, outside))
    confidence = two_sided(policy)
    return TraceLeakage(
        share=share,
        members=len(most),
        auc=auc(members[most], others).rate(confidence),
        overall=auc(members, others).rate(confidence),
    )
