"""LiRA with one variance for all samples, which few references can tell better than one for each.

Carlini et al. (2112.03570), section VI-C, "global" variance, for fewer than 64 references.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.privacy.references import lira_online, normal
from sc_deploy.privacy.references.enough import MOST, Least
from sc_deploy.privacy.references.filling import filled, step
from sc_deploy.privacy.references.lira_online import likelihood_ratio
from sc_deploy.privacy.references.log_odds import join
from sc_deploy.privacy.references.moments import moments

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.log_odds import LogOdds

LEAST: Final = Least(outside=2)


@dataclass(frozen=True, slots=True)
class LiraFixed:
    """Pooled within-example deviations of each side; `inside` None scores one-sidedly."""

    inside: float | None
    outside: float
    step: float

    def __call__(self, seen: LogOdds) -> Float64:
        outside = normal.of_all(filled(seen, inside=False, step=self.step), pooled=self.outside)
        if self.inside is None:
            return outside.z(seen.target)
        inside = normal.of_all(filled(seen, inside=True, step=self.step), pooled=self.inside)
        return likelihood_ratio(seen.target, inside, outside)


def learn(members: LogOdds, non_members: LogOdds) -> LiraFixed:
    """Two-sided if most calibration samples have two references of either side."""
    told = join(members, non_members)
    two_sided = lira_online.LEAST.met(told.inside) >= MOST
    return LiraFixed(
        moments(told, inside=True).pooled if two_sided else None,
        moments(told, inside=False).pooled,
        step(told),
    )
