"""Which candidate of a pool goes on?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.compress.candidates.limit import within
from sc_deploy.compress.candidates.objective import OBJECTIVES, Pool
from sc_deploy.compress.candidates.paired import resample, share_above
from sc_deploy.compress.randomness import derive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.compress.candidates.marks import Marks
    from sc_deploy.compress.candidates.paired import Resamples
    from sc_deploy.contracts import Candidate
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """A candidate and how it did sample by sample."""

    candidate: Candidate
    marks: Marks


def values(recipe: Recipe, pool: Sequence[Examined]) -> Float64:
    """What each of the pool is worth by the recipe's objective, float64 [k]; larger is better."""
    found = _pool(recipe, pool)
    return OBJECTIVES[recipe.compress.objective](found.accuracy, found.attack, found)


def choose(recipe: Recipe, pool: Sequence[Examined]) -> int:
    """Position of the candidate that goes on; among equals the earlier.

    An incumbent in the pool stays unless the best of the others is better with at least
    `switch_confidence`, by paired bootstrap. The confidence is that of this one comparison: the
    best of four equals clears 90 % more often than one time in ten.
    """
    worth = values(recipe, pool)
    best = int(worth.argmax())
    incumbent = next((at for at, e in enumerate(pool) if e.candidate.strategy is None), None)
    if incumbent is None or best == incumbent:
        return best
    seed = derive(recipe.seed, "switch", pool[best].candidate.round)
    sure = confidence(recipe, pool, (best, incumbent), seed=seed)
    return best if sure > recipe.compress.switch_confidence else incumbent


def better_half(recipe: Recipe, pool: Sequence[Examined]) -> tuple[int, ...]:
    """Positions of the better half of a pool, rounded up, in the order of the pool."""
    ranked = np.argsort(-values(recipe, pool), kind="stable")
    return tuple(sorted(int(at) for at in ranked[: (len(pool) + 1) // 2]))


def resampled_values(recipe: Recipe, pool: Sequence[Examined], drawn: Resamples) -> Float64:
    """What each of the pool is worth in each resample of their marks, float64 [k, B]."""
    found = _pool(recipe, pool)
    objective = OBJECTIVES[recipe.compress.objective]
    return objective(drawn.accuracy.T, drawn.attack.T, found).T


def confidence(
    recipe: Recipe, pool: Sequence[Examined], pair: tuple[int, int], *, seed: int
) -> float:
    """In which share of resamples the first of the pair is better than the second.

    Draws count half, so that equal candidates give 1/2.
    """
    drawn = resample([entry.marks for entry in pool], seed=seed)
    worth = resampled_values(recipe, pool, drawn)
    return share_above(worth[pair[0]], worth[pair[1]])


def _pool(recipe: Recipe, pool: Sequence[Examined]) -> Pool:
    candidates = [entry.candidate for entry in pool]
    limit, among = recipe.compress.leakage_limit, len(pool)
    return Pool.of(candidates, [within(entry.marks, limit, among=among) for entry in pool])
