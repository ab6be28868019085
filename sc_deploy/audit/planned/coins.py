"""How many canaries the limits on what they show take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.audit.findings import canaries
from sc_deploy.audit.planned.demand import Assumptions, Demand, Part
from sc_deploy.audit.questions import percent
from sc_deploy.privacy.statistics import power

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.power import Sizes

GUESSED: Final = "Clopper-Pearson of the right guesses about {} of the canaries"
SIDES: Final = "as AUC, of the canaries whose coin fell either way"


def demands(policy: Policy, assumed: Assumptions) -> Iterator[Demand]:
    """The canary limits of the policy that gate; sizes are all canaries, twice the same."""
    limits = canaries.limits(policy)
    truth = power.Scored(assumed.canary_auc)
    if (right := limits[canaries.RIGHT]) is not None:

        def few_right(n: Sizes) -> float:
            drawn = power.Guessing(n[0], policy.canaries.guesses)
            return power.guesses_pass(right, drawn, truth, confidence=policy.confidence)

        told = GUESSED.format(percent(policy.canaries.guesses))
        yield Demand(canaries.RIGHT, Part.CANARY, right, 1, few_right, told)
    if (auc := limits[canaries.AUC]) is not None:

        def low_auc(n: Sizes) -> float:
            each = n[0] // 2
            if not each:
                return 0.0
            return power.auc_passes(auc, (each, each), truth, confidence=policy.confidence)

        yield Demand(canaries.AUC, Part.CANARY, auc, 1, low_auc, SIDES)
