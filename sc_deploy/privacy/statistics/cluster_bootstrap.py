"""How the TPR at a false-positive rate changes between two models where samples come in units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.privacy.statistics.bootstrap import REPLICATES, TprChange
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64, Int64
    from sc_deploy.privacy.statistics.units import Units

CELLS = 1 << 21
ROUNDING = 1e-9


def tpr_change_by_unit(
    first: tuple[Float64, Float64],
    second: tuple[Float64, Float64],
    *,
    fpr: float,
    units: Units,
    seed: int,
) -> TprChange:
    """As `bootstrap.tpr_change`, but whole units are drawn with replacement.

    Both models see the same resampled units, members and non-members apart, and each finds its
    threshold anew in every replicate. With one sample a unit it has the same distribution.
    """
    rng = np.random.default_rng(seed)
    n = len(first[0]) + len(first[1])
    step = max(1, CELLS // n)
    found = []
    for start in range(0, REPLICATES, step):
        draws = min(step, REPLICATES - start)
        inside = _weights(units.members, draws, rng)
        outside = _weights(units.non_members, draws, rng)
        rates = [_rates(scores, (inside, outside), fpr) for scores in (first, second)]
        found.append(rates[1] - rates[0])
    value = tpr_at_fpr(*second, fpr=fpr).value - tpr_at_fpr(*first, fpr=fpr).value
    return TprChange(value, np.sort(np.concatenate(found)), n)


def _weights(unit: Int64, draws: int, rng: np.random.Generator) -> Int64:
    """How often each sample occurs in each resample: int64 [draws, n]."""
    names, position = np.unique(unit, return_inverse=True)
    shares = np.full(len(names), 1.0 / len(names))
    return np.asarray(rng.multinomial(len(names), shares, size=draws)[:, position])


def _rates(scores: tuple[Float64, Float64], weights: tuple[Int64, Int64], fpr: float) -> Float64:
    """The TPR of each resample, float64 [draws]."""
    (members, others), (inside, outside) = scores, weights
    order = np.argsort(-others, kind="stable")
    drawn = outside[:, order].cumsum(axis=1)
    total = drawn[:, -1:]
    spared = np.minimum(total - 1, np.floor(fpr * total + ROUNDING))
    cuts = others[order[(drawn > spared).argmax(axis=1)]]
    named = inside * (members > cuts[:, None])
    return np.asarray(named.sum(axis=1) / inside.sum(axis=1), dtype=np.float64)
