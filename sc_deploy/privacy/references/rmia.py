"""RMIA: than how many samples that nobody trained on is this one clearly likelier a member?

Zarifzadeh et al. (2312.03262), section 3: the share of a population z with
[p(x | model) / p(x)] / [p(z | model) / p(z)] >= gamma. The population is the calibration
non-members. A score is a multiple of one over their number, so the lowest false-positive rates
are not resolved by fewer than ten over that rate; `base` has no such steps. The paper's
temperature and Taylor softmax are left out: they change log-odds before this begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.privacy.references import base
from sc_deploy.privacy.references.log_odds import join

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.base import Base
    from sc_deploy.privacy.references.log_odds import LogOdds

GAMMA: Final = 2.0
"""The paper's, for all its image data."""

OFFLINE: Final = base.LEAST
ONLINE: Final = base.BOTH


@dataclass(frozen=True, slots=True, eq=False)
class Rmia:
    """`population` float64 [Z] are the log ratios of the z, ascending."""

    ratio: Base
    population: Float64
    gamma: float = GAMMA

    def __call__(self, seen: LogOdds) -> Float64:
        reached = self.ratio(seen) - np.log(self.gamma)
        beaten = np.searchsorted(self.population, reached, side="right")
        return np.asarray(beaten / len(self.population))


def learn_offline(members: LogOdds, non_members: LogOdds) -> Rmia:
    return _over(base.offline(join(members, non_members)), non_members)


def learn_online(members: LogOdds, non_members: LogOdds) -> Rmia:
    return _over(base.online(join(members, non_members)), non_members)


def _over(ratio: Base, population: LogOdds) -> Rmia:
    return Rmia(ratio, np.sort(ratio(population)))
