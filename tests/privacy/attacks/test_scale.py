from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.privacy.attacks.scale import ClassScales, Scale


def test_a_signal_is_placed_by_the_non_members_below_it() -> None:
    scale = Scale.of(np.array([1.0, 2.0, 3.0, 4.0]))
    assert scale.place(np.array([2.5]))[0] == pytest.approx(0.0)
    assert scale.place(np.array([1.0]))[0] == pytest.approx(np.log((1 / 8) / (7 / 8)))


def test_beyond_both_ends_it_still_ascends() -> None:
    placed = Scale.of(np.array([1.0, 2.0])).place(np.array([-100.0, -1.0, 1.0, 2.0, 3.0, 1e9]))
    assert (np.diff(placed) > 0).all()
    assert np.isfinite(placed).all()


def test_non_members_that_all_look_alike_still_give_a_scale() -> None:
    placed = Scale.of(np.full(7, 3.0)).place(np.array([2.0, 3.0, 4.0]))
    assert placed[1] == 0.0
    assert (np.diff(placed) > 0).all()


def test_a_rare_class_is_placed_among_all_classes() -> None:
    rng = np.random.default_rng(0)
    signal = np.concatenate([rng.normal(0, 1, 100), rng.normal(50, 1, 5)])
    labels = np.repeat([0, 1], [100, 5])
    scales = ClassScales.of(signal, labels)
    assert set(scales.by_class) == {0}
    same = np.array([0.3])
    np.testing.assert_array_equal(scales.place(same, np.array([1])), Scale.of(signal).place(same))
