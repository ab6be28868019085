"""How strong in kind is the evidence of an audit?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Channel, Tier
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import ReferenceEvidence

LEAST_REFERENCES: Final = 4


def of(references: ReferenceEvidence | None, used: Sequence[str]) -> Tier:
    """The highest tier that is reached; `used` are the gating attacks that were run.

    T2 where enough matched reference models are there and one of these attacks asked them: those
    that nobody asked, or only an attack that is shown, can refuse nothing.
    """
    asked = any(Channel.REFERENCES in by_name(attack).needs for attack in used)
    if asked and references is not None and references.matched >= LEAST_REFERENCES:
        return Tier.T2
    return Tier.T0
