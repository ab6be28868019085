"""How well does an attacker guess which canaries were trained on?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.privacy import signals
from sc_deploy.privacy.statistics.one_run import Guessed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts import Predictions
    from sc_deploy.contracts.arrays import Float64, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Coins:
    """Canaries with their secrets: `score` float64 [n], `member` bool [n], `sample_id` uint8
    [n, 32]."""

    score: Float64
    member: NDArray[np.bool_]
    sample_id: UInt8

    @classmethod
    def of(cls, inside: Predictions, outside: Predictions) -> Coins:
        """Those that were trained on and those that were not, each with at least one canary.

        The score is the log-odds of the label that was planted. It is another class than the
        model would find by itself, so that only memory gives it a chance; and no threshold has to
        be learned, for which one training run has no canaries to spare.
        """
        return cls(
            np.concatenate(
                [signals.margin(side.logits, side.labels) for side in (inside, outside)]
            ),
            np.repeat([True, False], [len(inside.labels), len(outside.labels)]),
            np.concatenate([inside.sample_id, outside.sample_id]),
        )

    @property
    def sides(self) -> tuple[Float64, Float64]:
        """Scores of those trained on, and of the others."""
        return self.score[self.member], self.score[~self.member]


def guess(coins: Coins, *, share: float) -> Guessed:
    """Call the highest scores trained on, as many of the lowest not, and abstain between.

    `share` in (0, 1] of the canaries are guessed, an even number of them and at least two;
    Steinke et al. (2305.08846, algorithm 1) let the attacker choose how many before it sees the
    scores. Equal scores are put in the order of the ids: in the order of the arrays, members
    first, ties would tell the coins.
    """
    each = max(1, int(len(coins.score) * share / 2))
    by_id = np.lexsort(coins.sample_id.T[::-1])
    order = by_id[np.argsort(coins.score[by_id], kind="stable")]
    right = coins.member[order[-each:]].sum() + (~coins.member[order[:each]]).sum()
    return Guessed(len(coins.score), 2 * each, int(right))
