"""Which samples belong to one person or device, so that together they are one draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts import Knowledge
    from sc_deploy.contracts.arrays import Float64, Int64


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The unit of each member int64 [n1] and of each non-member int64 [n0]."""

    members: Int64
    non_members: Int64

    @property
    def independent(self) -> tuple[int, int]:
        """As how many independent members, and non-members, these surely count."""
        return independent(self.members), independent(self.non_members)

    @property
    def counts(self) -> tuple[int, int]:
        return len(np.unique(self.members)), len(np.unique(self.non_members))

    def take(self, members: Int64, non_members: Int64) -> Units:
        """The units of these rows int64 [k] of either side, in their order."""
        return Units(self.members[members], self.non_members[non_members])


def known(members: Knowledge, non_members: Knowledge, sizes: tuple[int, int]) -> Units | None:
    """What is known of both sides; a side without units has one for each sample.

    `sizes` counts the samples of both. None where nobody knows any unit.
    """
    if members.unit is None and non_members.unit is None:
        return None
    # Negative numbers name no unit, so that what stands alone meets nobody.
    inside, outside = (
        -1 - np.arange(size) if side.unit is None else side.unit
        for side, size in zip((members, non_members), sizes, strict=True)
    )
    return Units(inside, outside)


def independent(unit: Int64) -> int:
    """As many independent samples as know a share as well as these int64 [n] do at the worst.

    Kish (1965): n^2 over the sum of squared sizes, which is right where all samples of a unit
    agree, and too few otherwise. With units of equal size it is the number of units.
    """
    sizes = np.unique(unit, return_counts=True)[1]
    return int(len(unit) ** 2 // int((sizes**2).sum()))


def one_of_each(unit: Int64, *, seed: int) -> Int64:
    """One row int64 [units] of each unit of `unit` int64 [n], drawn by lot, in ascending order."""
    shuffled = np.random.default_rng(seed).permutation(len(unit))
    first = np.unique(unit[shuffled], return_index=True)[1]
    return np.sort(shuffled[first]).astype(np.int64)


def totals(unit: Int64, values: Float64) -> Float64:
    """The sum of the values float64 [n] of each unit, float64 [units]."""
    position = np.unique(unit, return_inverse=True)[1]
    return np.bincount(position, weights=values).astype(np.float64)
