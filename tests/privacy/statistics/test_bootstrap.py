from __future__ import annotations

import time

import numpy as np
import pytest

from sc_deploy.contracts.arrays import Float64
from sc_deploy.privacy.statistics.bootstrap import tpr_change
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr

Scores = tuple[Float64, Float64]


def models(n: int, *, spread: float, leak: float = 1.0, seed: int = 0) -> tuple[Scores, Scores]:
    rng = np.random.default_rng(seed)
    first = rng.normal(leak, 1, n), rng.normal(size=n)
    second = tuple(scores + spread * rng.normal(size=n) for scores in first)
    return first, (second[0], second[1])


def slow_replicates(first: Scores, second: Scores, fpr: float, draws: int) -> Float64:
    """Resample both sides for real, and find both thresholds anew each time."""
    rng = np.random.default_rng(99)
    found = []
    for _ in range(draws):
        m = rng.integers(0, len(first[0]), len(first[0]))
        o = rng.integers(0, len(first[1]), len(first[1]))
        rates = [tpr_at_fpr(s[0][m], s[1][o], fpr=fpr).value for s in (first, second)]
        found.append(rates[1] - rates[0])
    return np.array(found)


@pytest.mark.parametrize("decimals", [6, 1], ids=["continuous", "tied"])
def test_the_draws_are_distributed_as_real_resamples(decimals: int) -> None:
    first, second = models(400, spread=0.4)
    first = first[0].round(decimals), first[1].round(decimals)
    second = second[0].round(decimals), second[1].round(decimals)
    slow = slow_replicates(first, second, 0.02, 2000)
    fast = tpr_change(first, second, fpr=0.02, seed=0).replicates
    assert fast.mean() == pytest.approx(slow.mean(), abs=0.005)
    assert fast.std() == pytest.approx(slow.std(), rel=0.1)
    for quantile in (0.05, 0.95):
        assert np.quantile(fast, quantile) == pytest.approx(np.quantile(slow, quantile), abs=0.02)


def test_a_model_does_not_differ_from_itself() -> None:
    first, _ = models(500, spread=0.0)
    rate = tpr_change(first, first, fpr=0.01, seed=0).rate(0.9)
    assert (rate.low, rate.value, rate.high) == (0, 0, 0)


def test_more_leakage_is_surely_found() -> None:
    first, _ = models(3000, spread=0.0, leak=0.5)
    second = first[0] + 1.5, first[1]
    change = tpr_change(first, second, fpr=0.01, seed=0)
    assert change.rate(0.9).low > 0.1
    assert change.p_above(0.02) == pytest.approx(1 / 2001)
    assert tpr_change(second, first, fpr=0.01, seed=0).p_above(0.02) == 1.0


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second = models(500, spread=0.3)
    one, other, third = (tpr_change(first, second, fpr=0.01, seed=s).rate(0.9) for s in (1, 1, 2))
    assert one == other
    assert one != third


def test_ten_thousand_samples_a_side_take_well_under_a_second() -> None:
    first, second = models(10_000, spread=0.3)
    start = time.process_time()
    tpr_change(first, second, fpr=0.01, seed=0)
    assert time.process_time() - start < 1.0
