"""How likely is a sample's label to a model that may or may not have trained on it?

p(x) of RMIA (Zarifzadeh et al., 2312.03262, section 3) and of BASE, from reference models. It is
returned as log-odds: near one, where members lie, p itself runs out of digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from sc_deploy.privacy.references.moments import moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.log_odds import LogOdds


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """A probability p as log p and log(1 - p), float64 [N] each."""

    log_p: Float64
    log_not: Float64

    @classmethod
    def of(cls, phi: Float64) -> Chance:
        log_p = np.asarray(special.log_expit(phi))
        return cls(log_p, log_p - phi)

    @property
    def log_odds(self) -> Float64:
        return self.log_p - self.log_not


def of_side(seen: LogOdds, *, inside: bool, step: float) -> Chance:
    """Mean probability over the references of one side; a gap is filled as in `filling`."""
    chosen = seen.inside if inside else ~seen.inside
    each = Chance.of(seen.references)
    count = chosen.sum(axis=0)
    log_p, log_not = (_log_mean(part, chosen, count) for part in (each.log_p, each.log_not))
    gap = count == 0
    if gap.any():
        other = moments(seen.take(gap), inside=not inside).mean
        made_up = Chance.of(other + (step if inside else -step))
        log_p[gap], log_not[gap] = made_up.log_p, made_up.log_not
    return Chance(log_p, log_not)


def offline(outside: Chance, *, a: float) -> Float64:
    """Log-odds of p(x) = ((1 + a) p_OUT(x) + (1 - a)) / 2, for which p_IN is taken to be
    a p_OUT + (1 - a); `a` in [0, 1]."""
    half = np.log(0.5)
    log_not = outside.log_not + half + np.log1p(a)
    # np.log(0) = -inf, which adds nothing, is meant.
    rest = half + np.log1p(-a) if a < 1.0 else -np.inf
    log_p = np.logaddexp(outside.log_p + half + np.log1p(a), rest)
    return Chance(log_p, log_not).log_odds


def online(inside: Chance, outside: Chance) -> Float64:
    """Log-odds of p(x) = (p_IN(x) + p_OUT(x)) / 2: either side counts alike, however many
    references it has."""
    return np.logaddexp(inside.log_p, outside.log_p) - np.logaddexp(inside.log_not, outside.log_not)


def ratio(phi: Float64, marginal: Float64) -> Float64:
    """log p(x | model) - log p(x) from the log-odds of both."""
    return np.asarray(special.log_expit(phi) - special.log_expit(marginal))


def _log_mean(logs: Float64, chosen: NDArray[np.bool_], count: NDArray[np.int64]) -> Float64:
    """log of the mean of exp(logs) over the chosen rows [K, N]; -inf where none is chosen."""
    masked = np.where(chosen, logs, -np.inf)
    top = np.where(count > 0, masked.max(axis=0, initial=-np.inf), 0.0)
    with np.errstate(divide="ignore"):
        total = np.log(np.exp(masked - top).sum(axis=0))
    return np.asarray(total + top - np.log(np.maximum(count, 1)))
