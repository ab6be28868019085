"""Do the attacks find nothing where membership is a matter of lot?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.audit.detectors.confidence import shared
from sc_deploy.audit.detectors.rehearsal import permuted
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.audit.detectors.rehearsal import Rehearsal
    from sc_deploy.contracts import Attack, Check

TOPIC = Topic("attacks find nothing where nothing is", VALIDITY)
REMEDY: Final = (
    "look how the attack tells its two sides apart: it knows membership from something that is "
    "neither an answer nor told of the sample"
)


def null_run(given: Rehearsal, attacks: Sequence[Attack], *, seed: int) -> Check:
    """Every attack is fitted and asked where members and non-members were dealt by lot.

    Its AUC's interval must hold 1/2, all attacks together at the confidence of a detector. The lot
    falls for each sample, also where they come in units, so that each is a draw of its own.
    """
    dealt = permuted(given, seed=seed)
    confidence = shared(len(attacks))
    wrong = []
    for attack in attacks:
        rate = auc(*dealt.scores(attack, seed=seed)).rate(confidence)
        if not rate.low <= 0.5 <= rate.high:
            wrong.append(f"the {attack.name} attack has AUC {rate.value:.3f}")
    if wrong:
        return TOPIC.undecided(
            Cause.DETECTOR_FAILED,
            f"{'; '.join(wrong)}, although membership was dealt by lot",
            REMEDY,
        )
    return TOPIC.passed("no attack tells sides apart that were dealt by lot")
