"""The evidence tier: which kind of evidence the gating figures of an audit rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Channel, Tier
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.audit.evidence import Evidence

LEAST_REFERENCES: Final = 4


def tier(evidence: Evidence, used: Sequence[str]) -> Tier:
    """The highest tier that the evidence reaches; `used` are the gating attacks that were run."""
    if _rests_on_references(evidence, used):
        return Tier.T2
    return Tier.T0


def _rests_on_references(evidence: Evidence, used: Sequence[str]) -> bool:
    """Whether enough matched reference models are there, and a gating attack asked them."""
    found = evidence.references
    asked = any(Channel.REFERENCES in by_name(attack).needs for attack in used)
    return asked and found is not None and found.matched >= LEAST_REFERENCES
