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
    from sc_deploy.audit.scores import Exposed
    from sc_deploy.contracts import Predictions, Vulnerability
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.units import Units

SHARES: Final = (0.01, 0.05)
LEAST: Final = 25


def leakage(exposed: Vulnerability | None, model: Exposed, policy: Policy) -> TraceLeakage | None:
    """Of the most exposed 1 % of the audit members, or 5 % where those are fewer than 25 draws.

    A draw is a sample, or a unit where samples come in units. None without traces, or where even
    those are too few. Who is in the slice was settled in training, not by the answers that are
    attacked, so that its AUC needs no correction.
    """
    if exposed is None:
        return None
    inside, outside = (model.answers[role] for role in AUDIT)
    units = model.units(AUDIT)
    most, share = _slice(_exposed_first(exposed, inside), units)
    if not share:
        return None
    members, others = (signals.margin(side.logits, side.labels) for side in (inside, outside))
    theirs = None if units is None else units.take(most, np.arange(len(others)))
    confidence = two_sided(policy)
    return TraceLeakage(
        share=share,
        members=len(most),
        auc=auc(members[most], others, units=theirs).rate(confidence),
        overall=auc(members, others, units=units).rate(confidence),
    )


def _exposed_first(exposed: Vulnerability, members: Predictions) -> Int64:
    """The rows of the audit members, the most exposed first."""
    place = {row.tobytes(): number for number, row in enumerate(members.sample_id)}
    return np.array(
        [place[row] for row in map(bytes, exposed.sample_id) if row in place], dtype=np.int64
    )


def _slice(turn: Int64, units: Units | None) -> tuple[Int64, float]:
    """The first rows of `turn`, and which share of them all; no row and 0 if they are too few."""
    for share in SHARES:
        most = turn[: int(share * len(turn))]
        draws = most if units is None else np.unique(units.members[most])
        if len(draws) >= LEAST:
            return most, share
    return turn[:0], 0.0
