"""LiRA offline: how far above models that never saw the sample does this answer lie?

Carlini et al. (2112.03570), section IV-D: 1 - Pr[N(mu_out, sigma_out) > phi]. Their code takes
the density instead, which falls again above the mean and so calls the surest members strangers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.privacy.references import normal
from sc_deploy.privacy.references.enough import Least
from sc_deploy.privacy.references.filling import filled, step
from sc_deploy.privacy.references.log_odds import join
from sc_deploy.privacy.references.moments import moments

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.log_odds import LogOdds

LEAST: Final = Least(outside=2)


@dataclass(frozen=True, slots=True)
class LiraOffline:
    """`outside` is the pooled within-example deviation of OUT; `step` fills gaps."""

    outside: float
    step: float

    def __call__(self, seen: LogOdds) -> Float64:
        """z = (phi - mu) / sigma: the paper's score is Phi(z), which is 1 from z = 9 on."""
        found = filled(seen, inside=False, step=self.step)
        return normal.of_each(found, pooled=self.outside).z(seen.target)


def learn(members: LogOdds, non_members: LogOdds) -> LiraOffline:
    told = join(members, non_members)
    return LiraOffline(moments(told, inside=False).pooled, step(told))
