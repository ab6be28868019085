"""Who serves what: nobody twice, and no unit on both sides of a split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sc_deploy.contracts import Role
from sc_deploy.errors import DataError
from sc_deploy.pipeline.brought import dealing
from sc_deploy.pipeline.brought.order import Given
from sc_deploy.pipeline.brought.rows import Rows, keys


def rows(start: int, n: int, *, unit: int | None = None) -> Rows:
    """Samples `start` to `start + n`, `unit` of them a person."""
    ids = np.zeros((n, 32), np.uint8)
    ids[:, :4] = np.arange(start, start + n, dtype=">u4").view(np.uint8).reshape(n, 4)
    people = None if unit is None else np.arange(n) // unit
    return Rows(np.zeros((n, 2), np.float32), np.arange(n) % 2, ids, people)


def given(**changes: Rows | tuple[Rows, Rows] | None) -> Given:
    calm = Given(rows(0, 1000), rows(1000, 1000), None, None, None, ())
    return replace(calm, **changes)  # type: ignore[arg-type]


def test_samples_that_repeat_are_counted_once_and_told() -> None:
    twice = rows(0, 1000).take(np.arange(1100) % 1000)
    dealt = dealing.deal(given(members=twice), seed=0)
    both = [dealt.rows[Role.MEMBER_AUDIT], dealt.rows[Role.MEMBER_CALIBRATION]]
    assert sum(map(len, both)) == 1000
    assert dealt.notes[0] == "100 repeated samples of members were left out."


def test_a_few_samples_on_both_sides_are_on_neither() -> None:
    dealt = dealing.deal(given(non_members=rows(995, 1000)), seed=0)
    left = {key for part in dealt.rows.values() for key in keys(part.sample_id)}
    assert len(left) == 1000 + 1000 - 2 * 5
    assert any("5 samples were among both members and non-members" in n for n in dealt.notes)


def test_many_are_a_contradiction() -> None:
    with pytest.raises(DataError, match="11 samples in common"):
        dealing.deal(given(non_members=rows(989, 1000)), seed=0)


def test_whom_attackers_were_fitted_on_is_not_audited() -> None:
    fitted = (rows(997, 500).take(np.arange(3, 500) % 500), rows(5000, 500))
    with pytest.raises(DataError, match="calibration members"):
        dealing.deal(given(calibration=fitted), seed=0)
    fitted = (rows(3000, 500), rows(1998, 500))
    dealt = dealing.deal(given(calibration=fitted), seed=0)
    assert len(dealt.rows[Role.NON_MEMBER_AUDIT]) == 998
    assert len(dealt.rows[Role.NON_MEMBER_CALIBRATION]) == 500


def test_test_samples_may_be_non_members_and_not_members() -> None:
    dealt = dealing.deal(given(test=rows(1500, 1000)), seed=0)
    assert len(dealt.rows[Role.TEST]) == 500
    with pytest.raises(DataError, match="members and test"):
        dealing.deal(given(test=rows(500, 1000)), seed=0)


def test_a_unit_is_never_split() -> None:
    dealt = dealing.deal(given(members=rows(0, 1000, unit=10)), seed=0)
    audited, fitted = (
        dealt.rows[role].unit for role in (Role.MEMBER_AUDIT, Role.MEMBER_CALIBRATION)
    )
    assert audited is not None
    assert fitted is not None
    assert not set(audited.tolist()) & set(fitted.tolist())
    assert len(fitted) % 10 == 0


def test_the_order_of_a_file_does_not_count_and_the_seed_does() -> None:
    def calibration(members: Rows, seed: int) -> set[bytes]:
        dealt = dealing.deal(given(members=members), seed=seed)
        return set(keys(dealt.rows[Role.MEMBER_CALIBRATION].sample_id))

    backwards = rows(0, 1000).take(np.arange(1000)[::-1])
    assert calibration(rows(0, 1000), 0) == calibration(backwards, 0)
    assert calibration(rows(0, 1000), 0) != calibration(rows(0, 1000), 1)
