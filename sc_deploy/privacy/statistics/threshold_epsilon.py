"""How large epsilon must be, given how an attacker fares at one threshold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sc_deploy.privacy.statistics.proportion import upper_bound

if TYPE_CHECKING:
    from sc_deploy.privacy.statistics.proportion import Decisions


def threshold_epsilon(decisions: Decisions, *, confidence: float, delta: float = 0.0) -> float:
    """A lower bound of epsilon that is too large with probability at most 1 - `confidence`.

    Of (epsilon, delta)-DP follows TPR <= e^epsilon FPR + delta, and the same of TNR and FNR
    (Kairouz, Oh & Viswanath 2015). Clopper and Pearson bound both errors, each with half of the
    risk, so that both directions may be tried. The threshold must have been fixed before these
    samples were scored: the best of many thresholds needs a correction for their number, without
    which a private model is said to be none.
    """
    alpha = (1.0 - confidence) / 2
    missed = decisions.members - decisions.members_right
    alarms = decisions.non_members - decisions.non_members_right
    fnr = upper_bound(missed, decisions.members, alpha=alpha)
    fpr = upper_bound(alarms, decisions.non_members, alpha=alpha)
    return max(0.0, _log_ratio(1.0 - delta - fnr, fpr), _log_ratio(1.0 - delta - fpr, fnr))


def _log_ratio(above: float, below: float) -> float:
    return math.log(above / below) if above > 0.0 else 0.0
