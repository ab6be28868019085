"""What do all samples together say about one sample's mean and variance, before it is looked at?

The conjugate normal-inverse-gamma prior, its hyper-parameters by empirical Bayes: those under
which the references' answers to calibration samples are likeliest (Murphy 2007, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.moments import Moments

LEAST_DEVIATION: Final = 1e-6
MOST_SAMPLES: Final = 2000
BOUNDS: Final = ((-7.0, 7.0), (-0.5, 6.0), (-7.0, 9.0))
"""Of log kappa, log alpha, and log beta in units of the pooled variance."""


@dataclass(frozen=True, slots=True)
class Prior:
    """variance ~ inverse gamma(alpha, beta); mean given it ~ N(mean, variance / kappa)."""

    mean: float
    kappa: float
    alpha: float
    beta: float


@dataclass(frozen=True, slots=True, eq=False)
class Predictive:
    """The next answer of a reference of this side: Student's t, float64 [N] each."""

    freedom: Float64
    mean: Float64
    scale: Float64


def learn(found: Moments) -> Prior:
    """From up to 2,000 samples, evenly spaced; at least one has two references."""
    known = np.flatnonzero(found.count > 0)
    rows = known[:: 1 + len(known) // MOST_SAMPLES]
    unit = max(LEAST_DEVIATION, found.pooled)
    count, squares = found.count[rows], found.squares[rows] / unit**2
    centre = float(np.average(found.mean[rows], weights=count))
    away = ((found.mean[rows] - centre) / unit) ** 2

    def surprise(logs: Float64) -> float:
        kappa, alpha, beta = np.exp(logs)
        after = alpha + count / 2
        rate = beta + squares / 2 + kappa * count * away / (2 * (kappa + count))
        likelihood = (
            special.gammaln(after)
            - special.gammaln(alpha)
            + alpha * np.log(beta)
            - after * np.log(rate)
            + 0.5 * np.log(kappa / (kappa + count))
        )
        return -float(likelihood.mean())

    best = optimize.minimize(surprise, np.zeros(3), method="L-BFGS-B", bounds=BOUNDS)
    kappa, alpha, beta = (float(part) for part in np.exp(best.x))
    return Prior(centre, kappa, alpha, beta * unit**2)


def predictive(prior: Prior, found: Moments) -> Predictive:
    """After each sample's own references have been seen; `found` has no gaps."""
    kappa, alpha = prior.kappa + found.count, prior.alpha + found.count / 2
    mean = (prior.kappa * prior.mean + found.count * found.mean) / kappa
    away = prior.kappa * found.count * (found.mean - prior.mean) ** 2 / (2 * kappa)
    beta = prior.beta + found.squares / 2 + away
    return Predictive(2 * alpha, mean, np.sqrt(beta * (kappa + 1) / (alpha * kappa)))
