"""BASE: how much likelier is the label to this model than to the average model?

Lassila et al. (NeurIPS 2025). For one `a` and one population it ranks as RMIA does, without
RMIA's ties, and needs no population.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.privacy.references import marginal
from sc_deploy.privacy.references.enough import MOST, Least
from sc_deploy.privacy.references.filling import step
from sc_deploy.privacy.references.log_odds import join
from sc_deploy.privacy.references.tuning import tuned

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.log_odds import LogOdds

LEAST: Final = Least(outside=1)
BOTH: Final = Least(outside=1, inside=1)


@dataclass(frozen=True, slots=True)
class Base:
    """`a` None takes p(x) from both sides, else from OUT and `a`; `step` fills gaps."""

    a: float | None
    step: float

    def __call__(self, seen: LogOdds) -> Float64:
        """log p(x | model) - log p(x)."""
        outside = marginal.of_side(seen, inside=False, step=self.step)
        if self.a is not None:
            return marginal.ratio(seen.target, marginal.offline(outside, a=self.a))
        inside = marginal.of_side(seen, inside=True, step=self.step)
        return marginal.ratio(seen.target, marginal.online(inside, outside))


def offline(told: LogOdds) -> Base:
    return Base(tuned(told), step(told))


def online(told: LogOdds) -> Base:
    return Base(None, step(told))


def learn(members: LogOdds, non_members: LogOdds) -> Base:
    """Online if most calibration samples have references of either side."""
    told = join(members, non_members)
    return online(told) if BOTH.met(told.inside) >= MOST else offline(told)
