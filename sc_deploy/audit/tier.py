"""How strong in kind is the evidence of an audit?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.contracts import Tier

if TYPE_CHECKING:
    from sc_deploy.contracts import CanaryAudit
    from sc_deploy.policy import Policy


def of(canaries: CanaryAudit | None, policy: Policy) -> Tier:
    """T1 where enough canaries were measured on the artifact and what they show can refuse it.

    Canaries that no limit binds would open the checks at low false-positive rates and hold
    nothing against a file that gives them away.
    """
    asked = policy.canaries
    gates = asked.epsilon is not None or asked.auc is not None
    if canaries is not None and gates and canaries.measured >= asked.least:
        return Tier.T1
    return Tier.T0
