"""Candidates on the same resamples."""

from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.compress.candidates import paired
from sc_deploy.compress.candidates.marks import Marks
from sc_deploy.compress.candidates.paired import resample, share_above
from sc_deploy.contracts import Guesses

RNG = np.random.default_rng(5)
RIGHT = RNG.random((2, 300)) < np.array([[0.8], [0.7]])
MEMBERS = RNG.random((2, 150)) < 0.6
OTHERS = RNG.random((2, 120)) < 0.7


def mark(at: int, *tests: Guesses) -> Marks:
    return Marks((RIGHT[at],), tuple((str(n), test) for n, test in enumerate(tests)))


POOL = [mark(at, Guesses((MEMBERS[at], OTHERS[at]))) for at in (0, 1)]


def test_resamples_spread_as_an_explicit_paired_bootstrap_does() -> None:
    """A second, slow way: draw the samples themselves."""
    rng = np.random.default_rng(6)
    slow = []
    for _ in range(2000):
        rows = rng.integers(0, 300, 300)
        slow.append(RIGHT[0, rows].mean() - RIGHT[1, rows].mean())
    found = resample(POOL, seed=1)
    difference = found.accuracy[0] - found.accuracy[1]
    assert difference.mean() == pytest.approx(RIGHT[0].mean() - RIGHT[1].mean(), abs=0.004)
    assert difference.std() == pytest.approx(np.std(slow), rel=0.08)


def test_groups_count_alike_whatever_their_size() -> None:
    found = resample(POOL, seed=1)
    expected = [(MEMBERS[at].mean() + OTHERS[at].mean()) / 2 for at in (0, 1)]
    assert found.attack.mean(axis=1) == pytest.approx(expected, abs=0.005)


def test_the_strongest_attack_counts_and_never_less_than_a_coin() -> None:
    weak, strong = Guesses((~MEMBERS[0], ~OTHERS[0])), Guesses((MEMBERS[0], OTHERS[0]))
    both, alone = resample([mark(0, weak, strong)], seed=1), resample([mark(0, strong)], seed=1)
    assert np.array_equal(both.attack, alone.attack)
    assert (resample([mark(0, weak)], seed=1).attack == 0.5).all()


def test_equals_are_equal_in_every_resample() -> None:
    found = resample([POOL[0], POOL[1], POOL[0]], seed=1)
    assert np.array_equal(found.accuracy[0], found.accuracy[2])
    assert np.array_equal(found.attack[0], found.attack[2])
    assert share_above(found.attack[0], found.attack[2]) == 0.5


def test_the_seed_alone_decides_the_draws() -> None:
    assert np.array_equal(resample(POOL, seed=1).attack, resample(POOL, seed=1).attack)
    assert not np.array_equal(resample(POOL, seed=1).attack, resample(POOL, seed=2).attack)


def test_attacks_on_the_same_samples_meet_the_same_draws() -> None:
    """So they are drawn once: drawing is what a bootstrap costs."""
    paired._drawn.cache_clear()
    same = Guesses((MEMBERS[0], OTHERS[0]))
    resample([mark(0, same, same)], seed=3)
    resample([mark(0, same), mark(1, same)], seed=3)
    assert paired._drawn.cache_info().misses == 3
