"""LiRA for very few references: Student's t in place of a normal with guessed moments.

After BaVarIA (2603.11799): what a few answers leave open about a sample's mean and variance is
integrated over, so that two references that happen to agree are not taken for certainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from sc_deploy.privacy.references import lira_online
from sc_deploy.privacy.references import prior as priors
from sc_deploy.privacy.references.enough import MOST, Least
from sc_deploy.privacy.references.filling import filled, step
from sc_deploy.privacy.references.log_odds import join
from sc_deploy.privacy.references.moments import moments

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.log_odds import LogOdds
    from sc_deploy.privacy.references.prior import Predictive, Prior

LEAST: Final = Least(outside=2)


@dataclass(frozen=True, slots=True)
class StudentT:
    """Priors of both sides; `inside` None scores one-sidedly. `step` fills gaps."""

    inside: Prior | None
    outside: Prior
    step: float

    def __call__(self, seen: LogOdds) -> Float64:
        outside = self._predictive(self.outside, seen, inside=False)
        if self.inside is None:
            return z(seen.target, outside)
        inside = self._predictive(self.inside, seen, inside=True)
        return log_density(seen.target, inside) - log_density(seen.target, outside)

    def _predictive(self, prior: Prior, seen: LogOdds, *, inside: bool) -> Predictive:
        return priors.predictive(prior, filled(seen, inside=inside, step=self.step))


def learn(members: LogOdds, non_members: LogOdds) -> StudentT:
    """Two-sided if most calibration samples have two references of either side."""
    told = join(members, non_members)
    two_sided = lira_online.LEAST.met(told.inside) >= MOST
    return StudentT(
        priors.learn(moments(told, inside=True)) if two_sided else None,
        priors.learn(moments(told, inside=False)),
        step(told),
    )


def log_density(phi: Float64, found: Predictive) -> Float64:
    """Of Student's t, float64 [N]."""
    nu = found.freedom
    away = ((phi - found.mean) / found.scale) ** 2
    return np.asarray(
        special.gammaln((nu + 1) / 2)
        - special.gammaln(nu / 2)
        - 0.5 * np.log(np.pi * nu)
        - np.log(found.scale)
        - (nu + 1) / 2 * np.log1p(away / nu)
    )


def z(phi: Float64, found: Predictive) -> Float64:
    """The normal deviate with about the same tail probability (Wallace 1959), float64 [N].

    Off by less than .2 anywhere. The exact way runs out of float64 in the tail where members lie.
    """
    nu = found.freedom
    u = (phi - found.mean) / found.scale
    size = np.sqrt(nu * np.log1p(u**2 / nu)) * (8 * nu + 1) / (8 * nu + 3)
    return np.asarray(np.copysign(size, u))
