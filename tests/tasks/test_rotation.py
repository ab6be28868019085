"""Where the blocks of reference models begin, and how often they cover a sample."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_deploy.tasks.rotation import Ring


@st.composite
def rings(draw: st.DrawFn) -> Ring:
    count = 2 * draw(st.integers(1, 12))
    samples = draw(st.integers(count, 400))
    return Ring(samples, draw(st.integers(1, samples - 1)), count)


def covered(ring: Ring) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The slow way: how many blocks hold each position."""
    times = np.zeros(ring.samples, dtype=np.int64)
    for number in range(ring.count):
        for step in range(ring.members):
            times[(ring.begin(number) + step) % ring.samples] += 1
    return times


@given(rings())
def test_every_position_is_in_floor_or_ceil_of_its_share_of_the_blocks(ring: Ring) -> None:
    share = ring.count * ring.members / ring.samples
    times = covered(ring)
    if 2 * ring.members == ring.samples:
        assert (times == ring.count // 2).all()
    assert times.min() >= floor(share)
    assert times.max() <= ceil(share)


@given(rings())
def test_no_position_is_in_all_blocks_as_soon_as_the_share_outside_allows(ring: Ring) -> None:
    times = covered(ring)
    if (ring.samples - ring.members) * ring.count >= ring.samples:
        assert times.max() < ring.count
    if ring.members * ring.count >= ring.samples:
        assert times.min() > 0


@given(rings())
def test_a_ring_of_twice_as_many_begins_with_those_of_this_one(ring: Ring) -> None:
    double = Ring(ring.samples, ring.members, 2 * ring.count)
    assert [double.begin(number) for number in range(ring.count)] == [
        ring.begin(number) for number in range(ring.count)
    ]


def test_eight_blocks_halve_what_lies_between_four() -> None:
    ring = Ring(800, 500, 8)
    assert [ring.begin(number) for number in range(8)] == [0, 400, 200, 600, 100, 500, 300, 700]


@pytest.mark.parametrize("count", [2, 6, 10, 14])
def test_with_as_many_members_as_others_any_number_goes_on_from_any_other(count: int) -> None:
    ring, more = Ring(100, 50, count), Ring(100, 50, count + 2)
    assert [ring.begin(number) for number in range(count)] == [
        more.begin(number) for number in range(count)
    ]
