"""Whether a figure is surely as good as equal to a value: two one-sided tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.privacy.statistics.estimate import invert

if TYPE_CHECKING:
    from sc_deploy.contracts import Rate
    from sc_deploy.privacy.statistics.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Band:
    """The values that count as equal to `centre`: those nearer to it than `margin`."""

    centre: float
    margin: float

    def holds(self, rate: Rate) -> bool:
        return self.centre - self.margin < rate.low and rate.high < self.centre + self.margin


NO_BETTER_THAN_A_COIN = Band(0.5, 0.02)


@dataclass(frozen=True, slots=True)
class Equivalence:
    """`rate` is the interval that decides; `p` that of the weaker of the two one-sided tests."""

    rate: Rate
    p: float
    holds: bool


def equivalence(estimate: Estimate, band: Band, *, confidence: float) -> Equivalence:
    """Schuirmann's two one-sided tests (1987), each at `confidence`.

    They hold exactly when the two-sided interval at 2 * confidence - 1 lies inside the band.
    "No significant difference" is another claim, and a weaker one the fewer samples there are.
    """
    rate = estimate.rate(2.0 * confidence - 1.0)
    return Equivalence(rate, invert(estimate, band.holds), band.holds(rate))
