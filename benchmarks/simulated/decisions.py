"""Rules that join several bounds, by how often they decide wrongly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.simulated.draws import AUC, LEAK, TWO_SIDED, scores
from benchmarks.simulated.study import Rng, Study
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.decision import benjamini_hochberg, holm
from sc_deploy.privacy.statistics.equivalence import Band, equivalence

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.simulated.draws import Scores


def decisions() -> list[Study]:
    """Rules that join several bounds, by how often they decide wrongly."""
    one, three = pass_rule((0.0, 0.0, LEAK)), pass_rule((LEAK,) * 3)
    return [
        Study("FAIL rule", "Holm, 4 attacks at their limit", 0.05, 400, fail_rule),
        Study("PASS rule", "one of 3 attacks at its limit", 0.05, 3_000, one),
        Study("PASS rule", "all of 3 attacks at their limit", 0.05, 3_000, three),
        Study("equivalence", "TOST, at the edge of the band", 0.05, 4_000, coin),
        Study("slices pointed at", "Benjamini-Hochberg at 10 %", 0.1, 10_000, discoveries),
    ]


def attacks(rng: Rng, n: int, leaks: tuple[float, ...]) -> list[Scores]:
    """Several attacks on one model: scores of the same samples, correlated with 0.8."""
    common = rng.normal(size=(2, n))
    return [
        (
            leak + math.sqrt(0.8) * common[0] + math.sqrt(0.2) * rng.normal(size=n),
            math.sqrt(0.8) * common[1] + math.sqrt(0.2) * rng.normal(size=n),
        )
        for leak in leaks
    ]


def fail_rule(rng: Rng) -> float:
    """Every attack leaks exactly its limit; one rejection would be a false FAIL."""
    found = [auc(*given) for given in attacks(rng, 300, (LEAK,) * 4)]
    return any(holm([estimate.p_above(AUC) for estimate in found], alpha=0.05))


def pass_rule(leaks: tuple[float, ...]) -> Callable[[Rng], float]:
    def passes(rng: Rng) -> float:
        found = [auc(*given) for given in attacks(rng, 300, leaks)]
        return all(estimate.rate(TWO_SIDED).high < AUC for estimate in found)

    return passes


def coin(rng: Rng) -> float:
    """TOST: a truth at the band's very edge must not be called equivalent."""
    band_ = Band(0.5, AUC - 0.5)
    return equivalence(auc(*scores(rng, 400)), band_, confidence=0.95).rate.high < AUC


def discoveries(rng: Rng) -> float:
    p = [*rng.random(16).tolist(), *(1e-3 * rng.random(4)).tolist()]
    fell = benjamini_hochberg(p, rate=0.1)
    return sum(fell[:16]) / max(1, sum(fell))
