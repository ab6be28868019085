"""How the TPR at a false-positive rate changes between two models on the same samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import Rate
from sc_deploy.privacy.statistics.low_fpr import allowed, tpr_at_fpr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float64, Int64

REPLICATES = 2000
BLOCK = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class TprChange:
    """Second minus first; `replicates` float64 [B] ascending are its bootstrap distribution."""

    value: float
    replicates: Float64
    n: int

    def rate(self, confidence: float) -> Rate:
        """Percentile interval, widened where needed to hold the point value."""
        alpha = (1.0 - confidence) / 2
        low, high = np.quantile(self.replicates, [alpha, 1.0 - alpha])
        low, high = min(float(low), self.value), max(float(high), self.value)
        return Rate(self.value, low, high, self.n, confidence)

    def p_above(self, limit: float) -> float:
        within = int(np.searchsorted(self.replicates, limit, side="right"))
        return (1 + within) / (1 + len(self.replicates))


def tpr_change(
    first: tuple[Float64, Float64],
    second: tuple[Float64, Float64],
    *,
    fpr: float,
    seed: int,
) -> TprChange:
    """Stratified paired bootstrap: both models see the same resampled members and non-members,
    and each finds its threshold anew in every replicate.

    Both arguments are (members, non-members), sample by sample. It draws what resampling would
    give without resampling: the threshold needs only how often each of the highest non-members
    was drawn, and given both thresholds the members fall into four cells of a multinomial.
    """
    rng = np.random.default_rng(seed)
    cuts = _resampled_cuts(first[1], second[1], fpr, rng)
    cells = _cells(first[0], second[0], cuts)
    drawn = rng.multinomial(len(first[0]), cells)
    replicates = np.sort((drawn[:, 1] - drawn[:, 2]) / len(first[0]))
    value = tpr_at_fpr(*second, fpr=fpr).value - tpr_at_fpr(*first, fpr=fpr).value
    return TprChange(value, replicates, len(first[0]) + len(first[1]))


def _resampled_cuts(
    first: Float64, second: Float64, fpr: float, rng: np.random.Generator
) -> tuple[Float64, Float64]:
    """Both models' thresholds float64 [B] in the same resamples of the non-members."""
    n = len(first)
    k = allowed(fpr, n)
    # The (k + 1)-th largest of a resample lies among the highest `depth` of the originals, but for
    # a chance below 1e-9: of those, about `depth` draws are expected and only k are allowed.
    depth = min(n, k + 1 + int(8 * np.sqrt(k + 1)) + 24)
    orders = [np.argsort(-scores, kind="stable")[:depth] for scores in (first, second)]
    pool = np.unique(np.concatenate(orders))
    shares = np.append(np.full(len(pool), 1 / n), max(0.0, 1 - len(pool) / n))
    counts = rng.multinomial(n, shares / shares.sum(), size=REPLICATES)
    return (
        _cut(first, orders[0], counts[:, np.searchsorted(pool, orders[0])], k),
        _cut(second, orders[1], counts[:, np.searchsorted(pool, orders[1])], k),
    )


def _cut(scores: Float64, order: Int64, counts: Int64, k: int) -> Float64:
    """The score of the (k + 1)-th largest draw; `counts` int64 [B, depth] in the given order."""
    reached = counts.cumsum(axis=1) > k
    place = np.where(reached.any(axis=1), reached.argmax(axis=1), len(order) - 1)
    return np.asarray(scores[order[place]])


def _cells(first: Float64, second: Float64, cuts: tuple[Float64, Float64]) -> Float64:
    """Shares of members named by neither, only second, only first, both; float64 [B, 4]."""
    n = len(first)
    pairs, inverse = np.unique(np.stack(cuts, axis=1), axis=0, return_inverse=True)
    both = np.empty(len(pairs))
    step = max(1, BLOCK // n)
    for start in range(0, len(pairs), step):
        block = pairs[start : start + step]
        named: NDArray[np.bool_] = (first > block[:, :1]) & (second > block[:, 1:])
        both[start : start + step] = named.sum(axis=1)
    only_first = _above(first, pairs[:, 0]) - both
    only_second = _above(second, pairs[:, 1]) - both
    neither = n - both - only_first - only_second
    shares = np.stack([neither, only_second, only_first, both], axis=1) / n
    return np.asarray(shares[inverse.ravel()])


def _above(scores: Float64, cuts: Float64) -> Float64:
    return len(scores) - np.searchsorted(np.sort(scores), cuts, side="right").astype(np.float64)
