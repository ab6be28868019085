from __future__ import annotations

import math

import numpy as np
import pytest

from sc_deploy.contracts import Rate
from sc_deploy.privacy.statistics.decision import benjamini_hochberg, holm, samples_needed


def test_holm_of_the_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005], alpha=0.05) == (True, False, False, True)


def test_holm_stops_at_the_first_that_stands() -> None:
    """0.04 alone would fall at 0.05 / 1, but 0.03 stands at 0.05 / 2 before it."""
    assert holm([0.04, 0.03], alpha=0.05) == (False, False)
    assert holm([0.04, 0.02], alpha=0.05) == (True, True)


def test_holm_of_nothing_rejects_nothing() -> None:
    assert holm([], alpha=0.05) == ()


def test_holm_rejects_no_less_than_bonferroni() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        p = (rng.random(6) ** 3).tolist()
        rejected = holm(p, alpha=0.05)
        assert all(fell for value, fell in zip(p, rejected, strict=True) if value <= 0.05 / 6)
        assert not any(fell for value, fell in zip(p, rejected, strict=True) if value > 0.05)


def test_holm_keeps_its_promise_under_independent_nulls() -> None:
    rng = np.random.default_rng(1)
    false_alarms = sum(any(holm(rng.random(8).tolist(), alpha=0.05)) for _ in range(2000))
    assert false_alarms / 2000 < 0.065


def test_the_samples_needed_follow_the_square_root_law() -> None:
    rate = Rate(0.5, 0.45, 0.55, 1000, 0.9)
    factor = 2.9264 / 1.6449
    assert samples_needed(rate, 0.52) == pytest.approx(1000 * (factor * 0.05 / 0.02) ** 2, rel=1e-3)


def test_beyond_the_limit_more_samples_do_not_help() -> None:
    assert samples_needed(Rate(0.56, 0.5, 0.6, 100, 0.9), 0.55) is None
    assert samples_needed(Rate(0.55, 0.5, 0.6, 100, 0.9), 0.55) is None


def test_never_fewer_than_there_are() -> None:
    needed = samples_needed(Rate(0.5, 0.499, 0.501, 10_000, 0.9), 0.6)
    assert needed is not None
    assert math.isclose(needed, 10_000)


def slow_benjamini_hochberg(p: list[float], rate: float) -> tuple[bool, ...]:
    """Every p-value up to the largest that lies under the line from 0 to the rate."""
    ordered = sorted(p)
    under = [value for k, value in enumerate(ordered, 1) if value <= rate * k / len(p)]
    return tuple(value <= max(under, default=-1.0) for value in p)


def test_benjamini_hochberg_equals_its_step_up_rule() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        p = (rng.random(9) ** 2).tolist()
        assert benjamini_hochberg(p, rate=0.1) == slow_benjamini_hochberg(p, 0.1)
    assert benjamini_hochberg([], rate=0.1) == ()


def test_benjamini_hochberg_keeps_the_share_of_false_discoveries() -> None:
    rng = np.random.default_rng(4)
    shares = []
    for _ in range(1000):
        p = [*rng.random(15).tolist(), *(rng.random(5) * 1e-3).tolist()]
        fell = benjamini_hochberg(p, rate=0.1)
        shares.append(sum(fell[:15]) / max(1, sum(fell)))
    assert np.mean(shares) <= 0.1
