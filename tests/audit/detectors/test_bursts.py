from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sc_deploy.audit.detectors.bursts import GAP, in_bursts


def pool(n: int, width: int, *, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).gamma(2.0, size=(n, width))


@pytest.mark.parametrize("width", [1, 2, 5, 30])
def test_samples_of_one_pool_are_in_no_burst(width: int) -> None:
    assert not in_bursts(pool(1000, width), pool(1000, width, seed=1)).any()


@pytest.mark.parametrize("sigma", [1.0, 2.0])
def test_heavy_tails_are_no_bursts(sigma: float) -> None:
    rng = np.random.default_rng(0)
    inside, outside = (np.exp(sigma * rng.normal(size=(1000, 4))) for _ in range(2))
    assert in_bursts(inside, outside).mean() < 0.02


@pytest.mark.parametrize("size", [16, 17, 31, 32, 63, 100])
def test_whoever_lies_in_a_crowd_is_found_and_nobody_else(size: int) -> None:
    members = pool(1000, 30)
    members[:size] = members[0] + 0.001 * pool(size, 30, seed=2)
    others = pool(100, 30, seed=1)
    others[:7] = members[0] + 0.001 * pool(7, 30, seed=3)
    np.testing.assert_array_equal(in_bursts(members, others), np.arange(100) < 7)


def test_a_crowd_of_fewer_than_16_or_of_more_than_half_is_none() -> None:
    for size in (12, 600):
        members = pool(1000, 30)
        members[:size] = members[0] + 0.001 * pool(size, 30, seed=2)
        assert not in_bursts(members, members[:1]).any()


def test_classes_that_lie_apart_by_less_than_five_widths_are_no_bursts() -> None:
    rng = np.random.default_rng(0)
    centres = 2.0 * rng.normal(size=(10, 30))
    inside, outside = (
        centres[rng.integers(0, 10, 1000)] + rng.normal(size=(1000, 30)) for _ in range(2)
    )
    assert not in_bursts(inside, outside).any()


def test_it_finds_what_all_pairs_show() -> None:
    """The slow way: every distance, sorted, one sample after the other."""
    members, others = pool(300, 3), pool(80, 3, seed=1)
    members[:60] = np.repeat(members[:3], 20, axis=0) + 0.002 * pool(60, 3, seed=2)
    others[:10] = members[25] + 0.002 * pool(10, 3, seed=3)
    slow = []
    for other in others:
        distance = np.sort(np.linalg.norm(members - other, axis=1))
        slow.append(any(distance[j - 1] <= GAP * distance[2 * j - 1] for j in (16, 32, 64)))
    assert sum(slow) >= 10
    np.testing.assert_array_equal(in_bursts(members, others), slow)


def test_fewer_than_64_members_hold_no_burst_to_be_seen() -> None:
    assert not in_bursts(np.zeros((63, 2)), np.zeros((5, 2))).any()
