"""How would two candidates compare on other samples of the same kind?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.compress.randomness import derive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sc_deploy.compress.candidates.marks import Marks
    from sc_deploy.contracts.arrays import Float64

REPLICATES: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """Figures of k candidates in B resamples that are the same for all; both float64 [k, B].

    `attack` is the strongest attack's accuracy of each resample, never below one half.
    """

    accuracy: Float64
    attack: Float64


def resample(marks: Sequence[Marks], *, seed: int) -> Resamples:
    """Stratified paired bootstrap: each stratum (validation, and every group that an attack
    judges) is drawn anew with its size kept, and all candidates meet the same draws.

    So is the same stratum in the hands of several attacks. Candidates that answer alike on every
    sample are alike in every resample.
    """
    accuracy = _accuracy(marks, seed=seed)
    attacks = [_attack(marks, test, seed=seed) for test in range(len(marks[0].guesses))]
    floor = np.full_like(accuracy, 0.5)
    return Resamples(accuracy, np.max([floor, *attacks], axis=0))


def share_above(first: Float64, second: Float64) -> float:
    """In which share of resamples the first figure is larger; draws count half, so that equals
    give 1/2."""
    return float(np.mean(first > second) + np.mean(first == second) / 2)


def _accuracy(marks: Sequence[Marks], *, seed: int) -> Float64:
    """Mean over the groups of right answers, float64 [k, B]."""
    groups = zip(*(mark.right for mark in marks), strict=True)
    first = derive(seed, "validation")
    shares = [
        _shares(np.stack(group), seed=derive(first, "class", at) if at else first)
        for at, group in enumerate(groups)
    ]
    return np.asarray(np.mean(shares, axis=0))


def _attack(marks: Sequence[Marks], test: int, *, seed: int) -> Float64:
    """Accuracy of one attack on the scale of a coin, as `Guesses.accuracy`; float64 [k, B]."""
    judged = [mark.guesses[test][1].right for mark in marks]
    shares = [
        # Attacks that judge the same samples have the same position and length, so the same draws.
        _shares(np.stack(group), seed=derive(seed, "group", at, len(group[0])))
        for at, group in enumerate(zip(*judged, strict=True))
    ]
    chance = 1 / len(shares)
    return np.asarray(0.5 + 0.5 * (np.mean(shares, axis=0) - chance) / (1 - chance))


def _shares(right: NDArray[np.bool_], *, seed: int) -> Float64:
    """Share of true values of each row bool [k, n] in every resample of the columns."""
    size = right.shape[1]
    # Sums of whole numbers in float64 are exact: neither the order nor the type of counts matters.
    return np.asarray((right.astype(np.float64) @ _drawn(size, seed).T) / size)


@lru_cache(maxsize=8)
def _drawn(size: int, seed: int) -> NDArray[np.uint8]:
    """How often each of `size` samples comes in each resample, [B, size].

    Drawing is what a bootstrap costs, and the same draws are asked for by every attack on the same
    samples, and by every round about all that came before.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(size, np.full(size, 1 / size), size=REPLICATES)
    # A sample comes once on average; that it comes 256 times has a chance below 1e-500.
    return drawn.astype(np.uint8)
