"""The roles of reference models: who is trained on by which of them."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sc_deploy.contracts import CANARY_ROLES, MEMBER_ROLES, TRAINED_ROLES, Role, Roles
from sc_deploy.contracts.arrays import Float32
from sc_deploy.errors import DataError
from sc_deploy.recipe import CanariesSection, Recipe, RolesSection, TaskSection
from sc_deploy.tasks import identity, redraw
from sc_deploy.tasks import roles as role_files
from sc_deploy.tasks.arrays import ArrayTask

KEY = "5a" * 32


def as_float(x: NDArray[np.generic]) -> Float32:
    return x.astype(np.float32)


def toy(n: int = 2000, *, unit: NDArray[np.generic] | None = None) -> ArrayTask:
    at = np.arange(n)
    return ArrayTask("toy", ("a", "b", "c"), at[:, None], at % 3, as_float, unit)


def recipe(members: float = 0.4, others: float = 0.4, *, canaries: int = 0) -> Recipe:
    return Recipe(
        task=TaskSection(name="toy"),
        roles=RolesSection(key=KEY, members=members, non_members=others, validation=0.1, test=0.1),
        canaries=CanariesSection(count=canaries) if canaries else None,
    )


def drawn(task: ArrayTask, asked: Recipe, count: int = 2) -> tuple[Roles, list[Roles]]:
    roles = role_files.draw(task, asked)
    key = bytes.fromhex(KEY)
    who = identity.identify(task, key)
    return roles, [
        redraw.redrawn(roles, who, key, number=number, count=count) for number in range(count)
    ]


def inside(roles: Roles) -> NDArray[np.bool_]:
    found = np.zeros(len(roles.role), dtype=bool)
    found[roles.rows(*TRAINED_ROLES)] = True
    return found


def sides(roles: Roles) -> NDArray[np.int64]:
    return roles.rows(*redraw.SIDES)


def test_with_as_many_members_as_others_a_sample_is_in_exactly_one_of_a_pair() -> None:
    roles, found = drawn(toy(), recipe(), 6)
    rows = sides(roles)
    masks = np.stack([inside(one)[rows] for one in found])
    for pair in range(3):
        np.testing.assert_array_equal(masks[2 * pair], ~masks[2 * pair + 1])
    assert (masks.sum(axis=0) == 3).all()


def test_every_role_has_as_many_samples_as_in_the_run() -> None:
    roles, found = drawn(toy(), recipe())
    for one in found:
        np.testing.assert_array_equal(np.bincount(one.role), np.bincount(roles.role))


def test_rows_ids_labels_validation_and_test_are_the_runs_own() -> None:
    roles, found = drawn(toy(), recipe())
    for one in found:
        np.testing.assert_array_equal(one.sample_id, roles.sample_id)
        np.testing.assert_array_equal(one.label, roles.label)
        for role in (Role.VALIDATION, Role.TEST):
            np.testing.assert_array_equal(one.rows(role), roles.rows(role))


def test_being_a_member_of_the_run_says_nothing_about_the_reference() -> None:
    """Of 1,600 samples about half of the members are in; five standard deviations are 6 %."""
    roles, found = drawn(toy(), recipe(), 4)
    members = inside(roles)
    for one in found:
        assert abs(inside(one)[members].mean() - 0.5) < 0.06


def test_pairs_differ_and_the_same_key_gives_the_same_roles() -> None:
    _, found = drawn(toy(), recipe(), 4)
    _, again = drawn(toy(), recipe(), 4)
    assert [one.digest for one in found] == [one.digest for one in again]
    assert len({one.digest for one in found}) == 4


def test_with_more_others_than_members_no_sample_is_in_both_of_a_pair() -> None:
    roles, found = drawn(toy(), recipe(0.2, 0.6))
    first, second = (inside(one)[sides(roles)] for one in found)
    assert not (first & second).any()
    assert first.sum() == second.sum() == 400


@pytest.mark.parametrize(
    ("members", "others", "count"), [(0.6, 0.2, 4), (0.2, 0.6, 4), (0.5, 0.3, 6), (0.5, 0.3, 10)]
)
def test_every_sample_is_in_floor_or_ceil_of_its_share_of_the_models(
    members: float, others: float, count: int
) -> None:
    roles, found = drawn(toy(), recipe(members, others), count)
    often = np.stack([inside(one)[sides(roles)] for one in found]).sum(axis=0)
    share = count * members / (members + others)
    assert set(np.unique(often)) <= {floor(share + 1e-9), ceil(share - 1e-9)}


def test_four_references_do_where_only_a_quarter_is_outside() -> None:
    roles, found = drawn(toy(), recipe(0.6, 0.2), 4)
    outside = np.stack([~inside(one)[sides(roles)] for one in found])
    assert (outside.sum(axis=0) == 1).all()


@settings(max_examples=25, deadline=None)
@given(
    members=st.integers(8, 150),
    others=st.integers(8, 150),
    pairs=st.integers(1, 5),
    largest=st.integers(1, 6),
)
def test_units_are_dealt_whole_and_in_no_more_models_than_their_share(
    members: int, others: int, pairs: int, largest: int
) -> None:
    n = members + others + 40
    unit = np.repeat(np.arange(n), np.random.default_rng(n).integers(1, largest + 1, n))[:n]
    asked = recipe().model_copy(
        update={
            "roles": RolesSection(
                key=KEY, members=members, non_members=others, validation=20, test=20
            )
        }
    )
    try:
        roles, found = drawn(toy(n, unit=unit), asked, 2 * pairs)
    except DataError:
        assume(False)
    rows = sides(roles)
    group = unit[roles.index[rows]]
    masks = np.stack([inside(one)[rows] for one in found])
    for mask in masks:
        per_group = np.bincount(group, mask) / np.maximum(np.bincount(group), 1)
        assert set(np.unique(per_group)) <= {0.0, 1.0}
    trained = len(roles.rows(*TRAINED_ROLES))
    assert (masks.sum(axis=0) <= ceil(2 * pairs * trained / len(rows))).all()
    short = trained - masks.sum(axis=1)
    assert (short >= 0).all()
    assert (short < np.bincount(group).max() * (1 + len(MEMBER_ROLES))).all()


@pytest.mark.parametrize("shares", [(0.4, 0.4), (0.6, 0.2), (0.2, 0.6)])
def test_twice_as_many_references_begin_with_those_that_were_there(
    shares: tuple[float, float],
) -> None:
    _, four = drawn(toy(), recipe(*shares), 4)
    _, eight = drawn(toy(), recipe(*shares), 8)
    assert [one.digest for one in eight[:4]] == [one.digest for one in four]


def test_samples_of_one_unit_are_on_one_side() -> None:
    unit = np.random.default_rng(0).integers(0, 300, 2000)
    roles, found = drawn(toy(unit=unit), recipe())
    rows = sides(roles)
    for one in found:
        mask = inside(one)[rows]
        for number in np.unique(unit[roles.index[rows]]):
            mine = mask[unit[roles.index[rows]] == number]
            assert mine.all() or not mine.any()


def test_canaries_keep_their_labels_and_have_opposite_coins_in_a_pair() -> None:
    roles, found = drawn(toy(), recipe(0.2, 0.6, canaries=50), 4)
    rows = roles.rows(*CANARY_ROLES)
    masks = np.stack([inside(one)[rows] for one in found])
    np.testing.assert_array_equal(masks[::2], ~masks[1::2])
    assert 8 < masks[0].sum() < 42
    assert (masks[0] != masks[2]).any()
    for one in found:
        np.testing.assert_array_equal(one.label[rows], roles.label[rows])


@pytest.mark.parametrize("number", [0, 1])
def test_a_redrawn_file_survives_the_disk(
    number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, found = drawn(toy(), recipe())
    path = tmp_path_factory.mktemp("roles") / "roles.npz"
    role_files.save(found[number], path)
    assert role_files.load(path).digest == found[number].digest
    assert path.stat().st_mode & 0o777 == 0o600
