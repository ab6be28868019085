from __future__ import annotations

import hashlib
import tracemalloc
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.tasks import identity
from sc_deploy.tasks.arrays import ArrayTask

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float32, Int64

KEY = bytes(range(32))
OTHER_KEY = bytes(32)


def as_float(x: NDArray[np.generic]) -> Float32:
    return x.astype(np.float32)


def task_of(
    x: NDArray[np.generic], *, y: Int64 | None = None, unit: NDArray[np.generic] | None = None
) -> ArrayTask:
    labels = np.zeros(len(x), np.int64) if y is None else y
    return ArrayTask("toy", ("a", "b"), x, labels, as_float, unit)


def partition(group: Int64) -> set[frozenset[int]]:
    sets = defaultdict(set)
    for row, number in enumerate(group.tolist()):
        sets[number].add(row)
    return {frozenset(rows) for rows in sets.values()}


def joined_slowly(content: list[int], unit: list[int]) -> set[frozenset[int]]:
    """Merge rows that share content or unit until nothing changes."""
    groups = [{row} for row in range(len(content))]
    for kind in (content, unit):
        for value in set(kind):
            rows = {row for row, found in enumerate(kind) if found == value}
            touched = [group for group in groups if group & rows]
            groups = [group for group in groups if not group & rows] + [set().union(*touched)]
    return {frozenset(group) for group in groups}


def test_ids_are_unique_even_for_exact_duplicates() -> None:
    x = np.zeros((50, 3), np.uint8)
    found = identity.identify(task_of(x), KEY).sample_id
    assert found.shape == (50, 32)
    assert found.dtype == np.uint8
    assert len({bytes(row) for row in found}) == 50


def test_a_known_id() -> None:
    x = np.array([[1, 2]], np.uint8)
    content = hashlib.blake2b(
        b"|u1|(2,)|\x01\x02", key=KEY, digest_size=32, person=b"content"
    ).digest()
    expected = hashlib.blake2b(
        content + bytes(8), key=KEY, digest_size=32, person=b"sample-id"
    ).digest()
    assert identity.identify(task_of(x), KEY).sample_id.tobytes() == expected


def test_another_key_gives_other_ids() -> None:
    x = np.arange(40, dtype=np.int16).reshape(20, 2)
    first = identity.identify(task_of(x), KEY).sample_id
    second = identity.identify(task_of(x), OTHER_KEY).sample_id
    assert not {bytes(row) for row in first} & {bytes(row) for row in second}


def test_ids_with_labels_do_not_depend_on_the_order_of_the_data() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 3, (60, 2)).astype(np.uint8), rng.integers(0, 2, 60)
    shuffled = rng.permutation(60)
    first = identity.identify(task_of(x, y=y), KEY).sample_id
    second = identity.identify(task_of(x[shuffled], y=y[shuffled]), KEY).sample_id
    one = {(bytes(i), int(label), bytes(v)) for i, label, v in zip(first, y, x, strict=True)}
    two = {
        (bytes(i), int(label), bytes(v))
        for i, label, v in zip(second, y[shuffled], x[shuffled], strict=True)
    }
    assert len(one) == 60
    assert one == two


def test_equal_bytes_of_another_type_are_another_sample() -> None:
    x = np.array([[0, 0, 0, 0], [1, 0, 0, 0]], np.uint8)
    first = identity.identify(task_of(x), KEY).sample_id
    second = identity.identify(task_of(x.view(np.uint32)), KEY).sample_id
    assert not (first == second).all(axis=1).any()


def test_exact_duplicates_are_one_group() -> None:
    x = np.array([[1], [2], [1], [3], [2], [1]], np.uint8)
    found = identity.identify(task_of(x), KEY)
    assert partition(found.group) == {frozenset({0, 2, 5}), frozenset({1, 4}), frozenset({3})}
    assert len(found.group_key) == 3


def test_a_unit_is_one_group() -> None:
    x = np.arange(6, dtype=np.uint8)[:, None]
    found = identity.identify(task_of(x, unit=np.array(["b", "a", "b", "c", "a", "b"])), KEY)
    assert partition(found.group) == {frozenset({0, 2, 5}), frozenset({1, 4}), frozenset({3})}


def test_units_that_share_a_record_are_joined() -> None:
    x = np.array([[1], [2], [2], [3], [4]], np.uint8)
    found = identity.identify(task_of(x, unit=np.array([0, 0, 1, 1, 2])), KEY)
    assert partition(found.group) == {frozenset({0, 1, 2, 3}), frozenset({4})}


def test_groups_agree_with_merging_by_hand() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        content, unit = rng.integers(0, 25, 40), rng.integers(0, 25, 40)
        found = identity.identify(task_of(content[:, None], unit=unit), KEY)
        assert partition(found.group) == joined_slowly(content.tolist(), unit.tolist())


def test_the_order_of_hashes_is_that_of_their_bytes() -> None:
    hashes = np.random.default_rng(0).integers(0, 256, (200, 32), np.uint8)
    hashes[50:100, :20] = hashes[:50, :20]
    rows = identity.order(hashes)
    assert [bytes(hashes[row]) for row in rows] == sorted(bytes(row) for row in hashes)


def test_the_dataset_digest_sees_every_part() -> None:
    x, unit = np.arange(4, dtype=np.uint8)[:, None], np.arange(4)
    y = np.array([0, 1, 0, 1])
    variants = [
        task_of(x, y=y),
        task_of(x[::-1], y=y),
        task_of(x, y=1 - y),
        task_of(x, y=y, unit=unit),
        ArrayTask("toy", ("b", "a"), x, y, as_float),
    ]
    assert len({identity.dataset_digest(task) for task in variants}) == len(variants)
    assert identity.dataset_digest(task_of(x.copy(), y=y)) == identity.dataset_digest(variants[0])


def test_the_preprocessing_digest_sees_another_preprocessing_but_not_another_order() -> None:
    x = np.arange(200, dtype=np.uint8)[:, None]
    doubled = ArrayTask(
        "toy", ("a", "b"), x, np.zeros(200, np.int64), lambda x: as_float(x) * np.float32(2)
    )
    tasks = [task_of(x), task_of(x[::-1]), doubled]
    first, reordered, other = (
        identity.preprocessing_digest(task, identity.identify(task, KEY), KEY) for task in tasks
    )
    assert first == reordered
    assert first != other
    assert first != identity.preprocessing_digest(
        tasks[0], identity.identify(tasks[0], KEY), OTHER_KEY
    )


def test_memory_holds_hashes_not_samples(tmp_path: Path) -> None:
    def peak(width: int) -> int:
        shape = (2000, width)
        x = np.lib.format.open_memmap(
            tmp_path / f"{width}.npy", mode="w+", dtype=np.uint8, shape=shape
        )
        x[:, :2] = np.arange(2000, dtype=np.uint16)[:, None].view(np.uint8)
        tracemalloc.start()
        task = task_of(x)
        identity.identify(task, KEY)
        identity.dataset_digest(task)
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found

    # 2,000 samples of 16 KiB are 33 MB; one piece is 1 MiB.
    assert peak(16384) < peak(16) + 3_000_000
