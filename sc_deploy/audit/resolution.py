"""Whether scores are fine enough to carry a leakage figure, or saturated outputs tie them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.questions import percent
from sc_deploy.privacy.attacks import COARSE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sc_deploy.contracts import AttackResult

MOST_TIED = 0.05
REMEDY = "audit the logits before softmax and before they are rounded to integers"


def unresolved(results: Iterable[AttackResult], fpr: float | None) -> str | None:
    """Why ties forbid a PASS on these models' results at this rate; None where they do not.

    Ties hide a leak: behind an int8 softmax most confident answers are one and the same value,
    and an attacker who reads the file has the values before it. A tie at the threshold shows as
    a realised false-positive rate of less than half of what was asked. Attacks that see labels
    alone tie samples whatever the file answers, and are asked for no such rate.
    """
    for result in results:
        if result.attack in COARSE:
            continue
        if result.tie_mass > MOST_TIED:
            return f"{percent(result.tie_mass)} of the samples have one and the same score"
        for point in result.tpr:
            if point.fpr == fpr and point.realised_fpr is not None and 2 * point.realised_fpr < fpr:
                return (
                    f"ties at the threshold leave a false-positive rate of "
                    f"{percent(point.realised_fpr)} in place of {percent(fpr)}"
                )
    return None
