"""Do the attacks find a leak that was planted in these very answers?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.audit.detectors.confidence import shared
from sc_deploy.audit.detectors.rehearsal import planted
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.audit.detectors.rehearsal import Rehearsal
    from sc_deploy.contracts import Attack, Check

LEAST_FOUND: Final = 0.6
TOPIC = Topic("attacks find a planted leak", VALIDITY, LEAST_FOUND)


def control(given: Rehearsal, attacks: Sequence[Attack], *, seed: int) -> Check:
    """Every attack must find what nobody could overlook, or its silence says nothing.

    The AUC of a model that knows its members by heart must not be surely below 0.6; attacks that
    see reach 0.75 to 1. Samples that come in units count as the units that they are.
    """
    leaky = planted(given)
    confidence = shared(len(attacks))
    found = {
        attack.name: auc(*leaky.scores(attack, seed=seed), units=leaky.units).rate(confidence)
        for attack in attacks
    }
    blind = [name for name, rate in found.items() if rate.high < LEAST_FOUND]
    if blind:
        told = ", ".join(f"{name} (AUC {found[name].value:.3f})" for name in blind)
        return TOPIC.undecided(
            Cause.DETECTOR_FAILED,
            f"members known by heart are not found by the attacks {told}",
            "give the attacks more calibration samples, and look at their code",
        )
    weakest = min(found.values(), key=lambda rate: rate.value, default=None)
    if weakest is None:
        return TOPIC.undecided(
            Cause.EVIDENCE_MISSING,
            "no attack of the policy can be run",
            "give what the attacks need, or name others in the policy",
        )
    return TOPIC.passed(f"members known by heart are found with AUC {weakest.value:.3f} or more")
