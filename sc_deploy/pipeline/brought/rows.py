"""The samples of one file: what the model reads, or what it answered, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Int64, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """N samples. `values` [N, ...] are inputs after preprocessing, or logits float32 [N, C];
    `labels` int64 [N]; `sample_id` uint8 [N, 32], equal for equal samples; `unit` [N] the person
    or device behind a sample, `group` [N] a trait of it; None where the file names none."""

    values: NDArray[np.generic]
    labels: Int64
    sample_id: UInt8
    unit: NDArray[np.generic] | None = None
    group: NDArray[np.generic] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Int64 | NDArray[np.bool_]) -> Rows:
        """The same of these rows, in their order."""
        return Rows(
            self.values[rows],
            self.labels[rows],
            self.sample_id[rows],
            None if self.unit is None else self.unit[rows],
            None if self.group is None else self.group[rows],
        )


def joined(parts: Sequence[Rows]) -> Rows:
    """All of them, one after the other; all have a unit and a group, or none has."""
    units = [part.unit for part in parts if part.unit is not None]
    groups = [part.group for part in parts if part.group is not None]
    return Rows(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.sample_id for part in parts]),
        np.concatenate(units) if units else None,
        np.concatenate(groups) if groups else None,
    )


def keys(sample_id: UInt8) -> list[bytes]:
    """Ids as values that can be looked up."""
    return [row.tobytes() for row in sample_id]
