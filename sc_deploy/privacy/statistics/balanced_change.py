"""How sure one can be of the change of a balanced accuracy on the same samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.contracts import Rate
from sc_deploy.privacy.statistics.estimate import p_above
from sc_deploy.privacy.statistics.proportion import paired_change

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class BalancedChange:
    """Mean over groups of the share of `after` minus that of `before`; a group is (before,
    after), bool [n] each, sample by sample, and holds at least one."""

    groups: tuple[tuple[NDArray[np.bool_], NDArray[np.bool_]], ...]

    def rate(self, confidence: float) -> Rate:
        """Tango's intervals of the groups joined as those of a sum (Zou and Donner 2008)."""
        parts = [paired_change(*group, confidence=confidence) for group in self.groups]
        count = len(parts)
        value = sum(part.value for part in parts) / count
        down = math.hypot(*(part.value - part.low for part in parts)) / count
        up = math.hypot(*(part.high - part.value for part in parts)) / count
        return Rate(value, value - down, value + up, sum(part.n for part in parts), confidence)

    def p_above(self, limit: float) -> float:
        return p_above(self, limit)
