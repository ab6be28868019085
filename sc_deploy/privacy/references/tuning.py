"""Which `a` serves the offline p(x) best? Found on references, never on the target.

RMIA (Zarifzadeh et al., 2312.03262, section 3.2): one reference is attacked with the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.privacy.references import marginal
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.log_odds import LogOdds

GRID: Final = tuple(round(0.1 * i, 1) for i in range(11))
PAPERS: Final = 0.3
"""What the paper found for CIFAR-10; used where no reference can be attacked."""

ATTACKED: Final = 8
FEWEST: Final = 20


def tuned(seen: LogOdds) -> float:
    """The `a` of the grid 0, .1, …, 1 with the best mean AUC over up to 8 references.

    A reference can be attacked if at least 20 of these samples trained it, 20 did not, and the
    others know them from outside. Where every reference is OUT of all samples, `PAPERS`.
    """
    found = [_aucs(game) for game in _games(seen)]
    return GRID[int(np.mean(found, axis=0).argmax())] if found else PAPERS


def _games(seen: LogOdds) -> Iterator[tuple[LogOdds, LogOdds]]:
    """What is seen of the members and of the non-members of each attacked reference."""
    played = 0
    for reference, trained in enumerate(seen.inside):
        others = seen.attacking(reference)
        known = ~others.inside.all(axis=0)
        sides = known & trained, known & ~trained
        if played < ATTACKED and min(side.sum() for side in sides) >= FEWEST:
            played += 1
            yield others.take(sides[0]), others.take(sides[1])


def _aucs(game: tuple[LogOdds, LogOdds]) -> list[float]:
    chances = [marginal.of_side(side, inside=False, step=0.0) for side in game]

    def scored(a: float) -> tuple[Float64, Float64]:
        members, non_members = (
            marginal.ratio(side.target, marginal.offline(chance, a=a))
            for side, chance in zip(game, chances, strict=True)
        )
        return members, non_members

    return [auc(*scored(a)).value for a in GRID]
