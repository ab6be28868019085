"""Intervals by unit: what copies must not do, and what single samples must not change."""

from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.contracts import Rate
from sc_deploy.contracts.arrays import Float64, Int64
from sc_deploy.privacy.statistics.auc import auc, auc_change
from sc_deploy.privacy.statistics.clustered import balanced_share, share, share_change, worth
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr
from sc_deploy.privacy.statistics.proportion import (
    Decisions,
    balanced_accuracy,
    paired_change,
    proportion,
)
from sc_deploy.privacy.statistics.units import Units

N = 600
COPIES = 5


def interval(rate: Rate) -> tuple[float, float, float]:
    return rate.value, rate.low, rate.high


def drawn(seed: int, leak: float = 0.3) -> tuple[Float64, Float64]:
    rng = np.random.default_rng(seed)
    return rng.normal(leak, 1, N), rng.normal(size=N)


def single() -> Units:
    return Units(np.arange(N), N + np.arange(N))


def copied(scores: Float64) -> Float64:
    return np.repeat(scores, COPIES)


def copies() -> Units:
    units = single()
    return Units(np.repeat(units.members, COPIES), np.repeat(units.non_members, COPIES))


def test_copies_under_one_unit_do_not_narrow_the_interval_of_the_auc() -> None:
    members, others = drawn(0)
    plain = auc(members, others).rate(0.9)
    by_unit = auc(copied(members), copied(others), units=copies()).rate(0.9)
    assert interval(by_unit) == pytest.approx(interval(plain), abs=1e-4)
    deceived = auc(copied(members), copied(others)).rate(0.9)
    assert deceived.high - deceived.low < 0.5 * (plain.high - plain.low)


def test_copies_do_not_narrow_the_interval_of_a_change_of_auc() -> None:
    first, second = drawn(0), drawn(1)
    plain = auc_change(first, second).rate(0.9)
    twice = tuple((copied(side[0]), copied(side[1])) for side in (first, second))
    by_unit = auc_change(twice[0], twice[1], units=copies()).rate(0.9)
    assert interval(by_unit) == pytest.approx(interval(plain), abs=3e-4)


@pytest.mark.parametrize("fpr", [0.01, 0.05])
def test_copies_leave_the_band_at_low_rates_as_it_is(fpr: float) -> None:
    members, others = drawn(0)
    plain = tpr_at_fpr(members, others, fpr=fpr).rate(0.9)
    by_unit = tpr_at_fpr(copied(members), copied(others), fpr=fpr, units=copies()).rate(0.9)
    assert interval(by_unit) == pytest.approx(interval(plain))


def test_copies_do_not_narrow_the_interval_of_accuracy_nor_of_its_change() -> None:
    rng = np.random.default_rng(0)
    before, after = rng.random(N) < 0.8, rng.random(N) < 0.8
    unit = copies().members
    plain = proportion(int(before.sum()), N, confidence=0.9)
    by_unit = share(np.repeat(before, COPIES), unit, confidence=0.9)
    assert interval(by_unit) == pytest.approx(interval(plain), abs=1e-3)
    change = paired_change(before, after, confidence=0.9)
    wide = share_change(np.repeat(before, COPIES), np.repeat(after, COPIES), unit, confidence=0.9)
    assert interval(wide) == pytest.approx(interval(change), abs=1e-3)
    assert wide.n == COPIES * N


def test_where_no_answer_changed_copies_still_count_once() -> None:
    same = np.ones(N * COPIES, dtype=bool)
    found = share_change(same, same, copies().members, confidence=0.9)
    plain = paired_change(same[:N], same[:N], confidence=0.9)
    assert interval(found) == pytest.approx(interval(plain))


def test_units_of_one_sample_give_the_plain_intervals() -> None:
    first, second = drawn(0), drawn(1)
    # The interval by unit takes Student's t for the normal, which 600 units hardly move.
    assert interval(auc(*first, units=single()).rate(0.9)) == pytest.approx(
        interval(auc(*first).rate(0.9)), abs=1e-4
    )
    assert auc(*first, units=single()).variance == pytest.approx(auc(*first).variance)
    assert auc_change(first, second, units=single()).variance == pytest.approx(
        auc_change(first, second).variance
    )
    assert tpr_at_fpr(*first, fpr=0.02, units=single()).rate(0.9) == tpr_at_fpr(
        *first, fpr=0.02
    ).rate(0.9)
    right, spared = first[0] > 0, first[1] <= 0
    decisions = Decisions(int(right.sum()), N, int(spared.sum()), N)
    assert interval(balanced_share(right, spared, single(), confidence=0.9)) == pytest.approx(
        interval(balanced_accuracy(decisions, confidence=0.9)), abs=1e-9
    )
    assert interval(share(right, np.arange(N), confidence=0.9)) == pytest.approx(
        interval(proportion(int(right.sum()), N, confidence=0.9)), abs=1e-9
    )


def slow_variance(members: Float64, others: Float64, units: Units) -> float:
    """Obuchowski (1997) with every sum written out."""
    wins = (members[:, None] > others) + 0.5 * (members[:, None] == others)
    value = wins.mean()
    names = np.unique(np.concatenate([units.members, units.non_members]))
    inside = [
        sum(wins[i].mean() - value for i in np.flatnonzero(units.members == name)) for name in names
    ]
    outside = [
        sum(wins[:, j].mean() - value for j in np.flatnonzero(units.non_members == name))
        for name in names
    ]
    n1, n0 = len(members), len(others)
    i1, i0, i = len(set(units.members)), len(set(units.non_members)), len(names)
    s1 = i1 / ((i1 - 1) * n1) * sum(x * x for x in inside)
    s0 = i0 / ((i0 - 1) * n0) * sum(x * x for x in outside)
    s10 = i / (i - 1) * sum(x * y for x, y in zip(inside, outside, strict=True))
    return float(s1 / n1 + s0 / n0 + 2 * s10 / (n1 * n0))


def test_the_variance_is_obuchowskis_where_units_have_samples_on_both_sides() -> None:
    rng = np.random.default_rng(3)
    own = rng.normal(size=20)
    units = Units(rng.integers(0, 20, 60), rng.integers(10, 20, 45))
    members = 0.4 + own[units.members] + rng.normal(size=60)
    others = own[units.non_members] + rng.normal(size=45).round(1)
    found = auc(members, others, units=units).variance
    assert found == pytest.approx(slow_variance(members, others, units))


def test_samples_that_disagree_within_a_unit_are_worth_more_than_one() -> None:
    unit: Int64 = np.repeat(np.arange(200), 4)
    mixed = np.random.default_rng(0).random(800) < 0.5
    together = np.repeat(np.random.default_rng(1).random(200) < 0.5, 4)
    assert worth(mixed, unit, confidence=0.9) > 600
    assert worth(together, unit, confidence=0.9) == pytest.approx(200, rel=0.02)


def test_all_samples_of_one_unit_say_next_to_nothing() -> None:
    members, others = drawn(0)
    one = Units(np.zeros(N, np.int64), np.ones(N, np.int64))
    found = auc(members, others, units=one).rate(0.9)
    assert (found.low, found.high) == (0.0, 1.0)
    assert share(members > 0, one.members, confidence=0.9).high > 0.9
