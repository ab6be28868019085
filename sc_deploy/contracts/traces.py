"""What the losses of training say about who is most exposed, and how much those leak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.contracts.measurement import Rate

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Vulnerability:
    """Members with how exposed each is: `sample_id` uint8 [n, 32], `score` float64 [n], the
    largest first."""

    sample_id: UInt8
    score: Float64


@dataclass(frozen=True, slots=True)
class TraceLeakage:
    """Leakage of the members whose loss moved most while training, by the loss signal alone.

    `share` of the audit members are in the slice, `members` of them; `auc` ranks them against
    all audit non-members, `overall` all audit members.
    """

    share: float
    members: int
    auc: Rate
    overall: Rate
