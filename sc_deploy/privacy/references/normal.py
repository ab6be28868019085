"""The normal distribution of log-odds that a scorer assumes for each sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.moments import Moments

LEAST_SHARE: Final = 0.1
"""Of the pooled deviation; two references that happen to agree prove no certainty."""

LEAST: Final = 1e-6
"""Log-odds; where references agree on every sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """`mean` and `deviation`, float64 [N]."""

    mean: Float64
    deviation: Float64

    def z(self, phi: Float64) -> Float64:
        return (phi - self.mean) / self.deviation

    def log_density(self, phi: Float64) -> Float64:
        spread = np.log(self.deviation) + 0.5 * np.log(2 * np.pi)
        return np.asarray(-0.5 * self.z(phi) ** 2 - spread)


def of_each(found: Moments, *, pooled: float) -> Normal:
    """A deviation for each sample, at least a tenth of `pooled`; `pooled` itself where a single
    reference gives none."""
    own = np.sqrt(found.squares / np.maximum(found.freedom, 1))
    deviation = np.where(found.freedom > 0, own, pooled)
    return Normal(found.mean, np.maximum(deviation, max(LEAST, LEAST_SHARE * pooled)))


def of_all(found: Moments, *, pooled: float) -> Normal:
    """One deviation for all samples."""
    return Normal(found.mean, np.full(len(found.mean), max(LEAST, pooled)))
