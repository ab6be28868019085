from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.contracts import NOTHING, Knowledge
from sc_deploy.privacy.statistics.units import Units, independent, known, totals


def test_units_of_one_size_count_once_each() -> None:
    assert independent(np.repeat(np.arange(40), 3)) == 40
    assert independent(np.arange(7)) == 7


def test_one_large_unit_outweighs_the_small_ones() -> None:
    assert independent(np.array([0] * 90 + list(range(1, 11)))) == 1


def test_totals_are_summed_by_unit() -> None:
    found = totals(np.array([5, -2, 5, 9]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert found.tolist() == [2.0, 4.0, 4.0]


def test_nobody_knowing_a_unit_is_none() -> None:
    assert known(NOTHING, NOTHING, (3, 2)) is None


def test_a_side_without_units_has_one_for_each_sample() -> None:
    found = known(Knowledge(unit=np.array([0, 0, 1])), NOTHING, (3, 2))
    assert found is not None
    assert found.counts == (2, 2)
    assert not set(found.members) & set(found.non_members)


@pytest.mark.parametrize("rows", [[0, 2], [1]])
def test_taking_rows_keeps_their_units(rows: list[int]) -> None:
    units = Units(np.array([4, 5, 6]), np.array([7, 8, 9]))
    found = units.take(np.array(rows), np.array(rows))
    assert found.members.tolist() == [4 + row for row in rows]
    assert found.non_members.tolist() == [7 + row for row in rows]
