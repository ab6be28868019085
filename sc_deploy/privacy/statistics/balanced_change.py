"""How sure one can be of the change of a balanced accuracy on the same samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.contracts import Rate
from sc_deploy.privacy.statistics import clustered
from sc_deploy.privacy.statistics.clustered import share_change
from sc_deploy.privacy.statistics.estimate import p_above
from sc_deploy.privacy.statistics.proportion import paired_change

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Int64


@dataclass(frozen=True, slots=True, eq=False)
class BalancedChange:
    """Mean over groups of the share of `after` minus that of `before`; a group is (before,
    after), bool [n] each, sample by sample, and holds at least one. `units` int64 [n] of each
    group say whose samples belong together, None where each is a draw of its own."""

    groups: tuple[tuple[NDArray[np.bool_], NDArray[np.bool_]], ...]
    units: tuple[Int64, ...] | None = None

    def rate(self, confidence: float) -> Rate:
        """Tango's intervals of the groups joined as those of a sum (Zou and Donner 2008)."""
        if self.units is not None:
            parts = [
                share_change(*group, unit, confidence=confidence)
                for group, unit in zip(self.groups, self.units, strict=True)
            ]
            return clustered.mean(parts, self.units, confidence=confidence)
        parts = [paired_change(*group, confidence=confidence) for group in self.groups]
        count = len(parts)
        value = sum(part.value for part in parts) / count
        down = math.hypot(*(part.value - part.low for part in parts)) / count
        up = math.hypot(*(part.high - part.value for part in parts)) / count
        return Rate(value, value - down, value + up, sum(part.n for part in parts), confidence)

    def p_above(self, limit: float) -> float:
        return p_above(self, limit)
