"""LiRA online: is this answer likelier of a model that trained on the sample, or of one that not?

Carlini et al. (2112.03570), section IV and algorithm 1.
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
    from sc_deploy.privacy.references.normal import Normal

LEAST: Final = Least(outside=2, inside=2)


@dataclass(frozen=True, slots=True)
class LiraOnline:
    """`inside` and `outside` are pooled within-example deviations, `step` fills gaps; all from
    calibration samples. They stand in, and bound from below, where references are few."""

    inside: float
    outside: float
    step: float

    def __call__(self, seen: LogOdds) -> Float64:
        inside = filled(seen, inside=True, step=self.step)
        outside = filled(seen, inside=False, step=self.step)
        return likelihood_ratio(
            seen.target,
            normal.of_each(inside, pooled=self.inside),
            normal.of_each(outside, pooled=self.outside),
        )


def learn(members: LogOdds, non_members: LogOdds) -> LiraOnline:
    told = join(members, non_members)
    inside, outside = (moments(told, inside=side).pooled for side in (True, False))
    return LiraOnline(inside, outside, step(told))


def likelihood_ratio(phi: Float64, inside: Normal, outside: Normal) -> Float64:
    """log N(phi; IN) - log N(phi; OUT), float64 [N]."""
    return inside.log_density(phi) - outside.log_density(phi)
