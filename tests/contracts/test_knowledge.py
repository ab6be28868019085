from __future__ import annotations

from dataclasses import fields

import numpy as np

from sc_deploy.contracts import NOTHING, Channel, Knowledge, References


def full(n: int) -> Knowledge:
    rows = np.arange(n)
    return Knowledge(
        inputs=rows[:, None].astype(np.float32),
        votes=rows[:, None] % 2 == 0,
        distance=rows.astype(np.float64),
        references=References(
            np.stack([rows, rows])[:, :, None].astype(np.float32), np.stack([rows < 2, rows >= 2])
        ),
        versions=rows[None, :, None].astype(np.float32),
        features=rows[:, None].astype(np.float32),
        unit=rows,
        attribute=rows,
    )


def test_every_field_is_a_channel() -> None:
    assert [field.name for field in fields(Knowledge)] == list(Channel)
    assert full(3).channels == frozenset(Channel)
    assert NOTHING.channels == frozenset()


def test_taking_rows_takes_the_same_rows_of_everything() -> None:
    rows = np.array([3, 0])
    for (name, taken), (_, whole) in zip(
        full(4).take(rows).arrays(), full(4).arrays(), strict=True
    ):
        axis = 1 if name.startswith(("references", "versions")) else 0
        assert np.array_equal(taken, np.take(whole, rows, axis=axis)), name


def test_an_array_that_is_not_known_is_not_listed() -> None:
    assert [name for name, _ in Knowledge(unit=np.arange(2)).arrays()] == ["unit"]


def test_joined_rows_can_be_taken_apart_again() -> None:
    rng = np.random.default_rng(0)

    def known(n: int) -> Knowledge:
        return Knowledge(
            inputs=rng.normal(size=(n, 4)).astype(np.float32),
            votes=rng.random((n, 3)) < 0.5,
            references=References(
                rng.normal(size=(2, n, 5)).astype(np.float32), rng.random((2, n)) < 0.5
            ),
            versions=rng.normal(size=(3, n, 5)).astype(np.float32),
            unit=np.arange(n),
        )

    first, second = known(4), known(6)
    both = first.join(second)
    for part, rows in ((first, np.arange(4)), (second, np.arange(4, 10))):
        for (name, mine), (other, theirs) in zip(
            part.arrays(), both.take(rows).arrays(), strict=True
        ):
            assert name == other
            np.testing.assert_array_equal(mine, theirs)


def test_what_one_side_lacks_is_not_known_of_both() -> None:
    known = Knowledge(unit=np.arange(3))
    assert known.join(Knowledge()).channels == frozenset()
