"""How large epsilon must be, given how many coins an attacker of one training run guessed right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, stats

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64

LARGEST = 50.0


@dataclass(frozen=True, slots=True)
class Guessed:
    """Of `canaries` fair and independent coins, `guesses` were guessed and `right` of them so.

    Which canaries are guessed may depend on everything but the coins themselves; the number of
    guesses is to be settled before the scores are seen.
    """

    canaries: int
    guesses: int
    right: int


def p_value(guessed: Guessed, epsilon: float, *, delta: float = 0.0) -> float:
    """At most this likely are so many right guesses if training is (epsilon, delta)-DP.

    Steinke, Nasr & Jagielski (NeurIPS 2023), theorem 5.2: P[W >= v] <= P[B >= v] + 2 m delta
    max_i P[v - i <= B < v] / i, where B counts the heads of r coins of bias e^eps / (1 + e^eps).
    """
    share = 1.0 / (1.0 + float(np.exp(-epsilon)))
    coins = stats.binom(guessed.guesses, share)
    tail = float(coins.sf(guessed.right - 1))
    if delta == 0.0 or guessed.right == 0:
        return tail
    below: Float64 = np.cumsum(coins.pmf(np.arange(guessed.right - 1, -1, -1)))
    worst = float(np.max(below / np.arange(1, guessed.right + 1)))
    return min(1.0, tail + 2.0 * guessed.canaries * delta * worst)


def epsilon_bound(guessed: Guessed, *, confidence: float, delta: float = 0.0) -> float:
    """The largest epsilon that the guesses reject; 0 where they reject none.

    Too large with probability at most 1 - `confidence`, over the coins. 70 right of 100 give
    .472 at 95 %, 600 of 1,000 .297, 900 of 1,000 2.02, 50 of 50 2.785. It takes one training
    run, and the guesses need not be independent of each other.
    """
    alpha = 1.0 - confidence

    def excess(epsilon: float) -> float:
        return p_value(guessed, epsilon, delta=delta) - alpha

    if guessed.guesses == 0 or excess(0.0) >= 0.0:
        return 0.0
    if excess(LARGEST) < 0.0:
        return LARGEST
    return float(optimize.brentq(excess, 0.0, LARGEST, xtol=1e-9))
