from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.contracts import Role
from sc_deploy.tasks.noise import flipped, other_class

AUDIT, TEST = list(Role).index(Role.MEMBER_AUDIT), list(Role).index(Role.TEST)


def drawn(n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(n).integers(0, 256, (n, 32), np.uint8)


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.1, 10), (0.249, 25), (0.99, 99)])
def test_each_role_has_exactly_its_share_and_test_none(share: float, count: int) -> None:
    role = np.repeat(np.array([AUDIT, TEST, 0], np.uint8), 100)
    found = flipped(role, drawn(300), share=share)
    assert [int(found[role == code].sum()) for code in (AUDIT, 0, TEST)] == [count, count, 0]


def test_who_is_flipped_does_not_depend_on_the_order() -> None:
    role, hashes = np.full(200, AUDIT, np.uint8), drawn(200)
    order = np.random.default_rng(1).permutation(200)
    found = flipped(role, hashes, share=0.3)
    np.testing.assert_array_equal(found[order], flipped(role, hashes[order], share=0.3))


def test_a_new_label_is_another_class_and_every_other_class_is_as_likely() -> None:
    label = np.full(9000, 3)
    found = np.bincount(other_class(label, drawn(9000), classes=10), minlength=10)
    assert found[3] == 0
    # Nine cells of 1,000: five standard deviations of a binomial count are 149.
    assert all(abs(count - 1000) < 149 for number, count in enumerate(found) if number != 3)


def test_two_classes_change_places() -> None:
    assert other_class(np.array([0, 1, 0]), drawn(3), classes=2).tolist() == [1, 0, 1]
