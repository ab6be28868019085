"""Which round's state is returned, and when is training better ended?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.compress.candidates import selection
from sc_deploy.compress.candidates.paired import resample, share_above
from sc_deploy.compress.randomness import derive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.compress.candidates.paired import Resamples
    from sc_deploy.compress.candidates.selection import Examined
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.recipe import Recipe

EQUAL: Final = 0.9
"""One-sided confidence, by paired bootstrap, up to which two rounds count as equal."""


def in_question(recipe: Recipe, rounds: Sequence[Examined]) -> tuple[int, ...]:
    """Positions of the rounds that the best one by the objective does not clearly beat.

    `rounds` is what each of them chose. On a few hundred samples the best of many rounds is best by
    luck as much as by merit (the winner's curse), so the others in its noise stay in question.
    Where the recipe keeps the last state, only that is.
    """
    if recipe.compress.keep == "last":
        return (len(rounds) - 1,)
    worth = selection.resampled_values(recipe, rounds, _drawn(recipe, rounds))
    best = int(selection.values(recipe, rounds).argmax())
    return _within_noise(worth, best, EQUAL)


def kept(recipe: Recipe, rounds: Sequence[Examined], among: Sequence[int]) -> int:
    """Which of the rounds in question is returned: the earliest that is as accurate as any.

    Of rounds that are equally good within noise the most accurate is wanted, since a state that
    has hardly learned is safe for nothing; and of those as accurate within noise the earliest,
    since leakage grows with training, also where the search samples are too few to show it.
    """
    accuracy = _drawn(recipe, rounds).accuracy[list(among)]
    measured = [rounds[at].candidate.validation.value for at in among]
    tied = _within_noise(accuracy, int(np.argmax(measured)), EQUAL)
    return among[tied[0]]


def stale(recipe: Recipe, rounds: Sequence[Examined], *, kept_at: int, before: int) -> int:
    """How many rounds since the one kept have only leaked more, the last one included.

    Such a round's attack accuracy is above that of the kept one with the confidence of a switch,
    by paired bootstrap. A round that leaks about as much neither counts nor clears the count; a
    new round to keep clears it.
    """
    last = len(rounds) - 1
    if kept_at == last:
        return 0
    attack = _drawn(recipe, rounds).attack
    return before + (share_above(attack[last], attack[kept_at]) > recipe.compress.switch_confidence)


def stop(recipe: Recipe, stale: int) -> bool:
    """Whether so many stale rounds end training."""
    return 0 < recipe.compress.stop_early <= stale


def _drawn(recipe: Recipe, rounds: Sequence[Examined]) -> Resamples:
    return resample([entry.marks for entry in rounds], seed=derive(recipe.seed, "timing"))


def _within_noise(figures: Float64, best: int, confidence: float) -> tuple[int, ...]:
    """Rows of float64 [k, B] that the best one is not above with more than this confidence."""
    return tuple(
        at
        for at, figure in enumerate(figures)
        if at == best or share_above(figures[best], figure) <= confidence
    )
