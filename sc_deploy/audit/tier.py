"""How strong in kind is the evidence of an audit?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Channel, Tier
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import CanaryAudit, ReferenceEvidence
    from sc_deploy.policy import Policy

LEAST_REFERENCES: Final = 4


def by_canaries(found: CanaryAudit | None, policy: Policy) -> bool:
    """Whether enough canaries were measured on the artifact and what they show can refuse it.

    Canaries that no limit binds would open the checks at low false-positive rates and hold
    nothing against a file that gives them away.
    """
    asked = policy.canaries
    gates = asked.epsilon is not None or asked.auc is not None
    return found is not None and gates and found.measured >= asked.least


def of(
    references: ReferenceEvidence | None, used: Sequence[str], *, canaries: bool = False
) -> Tier:
    """The highest tier that is reached; `used` are the gating attacks that were run.

    T2 where enough matched reference models are there and one of these attacks asked them: those
    that nobody asked, or only an attack that is shown, can refuse nothing. T1 by `canaries`.
    """
    asked = any(Channel.REFERENCES in by_name(attack).needs for attack in used)
    if asked and references is not None and references.matched >= LEAST_REFERENCES:
        return Tier.T2
    if canaries:
        return Tier.T1
    return Tier.T0
