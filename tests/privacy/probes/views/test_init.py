from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.privacy.probes.views import views_of
from sc_deploy.privacy.probes.views.images import MOVES, ImageViews

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import NetworkInput

RNG = np.random.default_rng(0)
KINDS: dict[str, NetworkInput] = {
    "images": RNG.normal(size=(6, 3, 8, 8)).astype(np.float32),
    "tables": RNG.normal(size=(6, 5)).astype(np.float32),
    "texts": RNG.integers(1, 50, (6, 20)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_of_a_sample_does_not_depend_on_who_else_is_looked_at(kind: str) -> None:
    samples = KINDS[kind]
    views = views_of(samples, pad=0)
    for number in range(views.count):
        together = views.altered(samples, number)
        assert together.shape == samples.shape
        assert together.dtype == samples.dtype
        np.testing.assert_array_equal(views.altered(samples[2:3], number), together[2:3])


@pytest.mark.parametrize("kind", KINDS)
def test_views_differ_and_the_first_is_the_sample_itself(kind: str) -> None:
    samples = KINDS[kind]
    views = views_of(samples, pad=0)
    seen = [views.altered(samples, number).tobytes() for number in range(views.count)]
    assert seen[0] == samples.tobytes()
    assert len(set(seen)) == views.count == {"images": 18}.get(kind, 19)


@pytest.mark.parametrize("kind", KINDS)
def test_the_samples_are_left_as_they_were(kind: str) -> None:
    samples = KINDS[kind].copy()
    views = views_of(samples, pad=0)
    for number in range(views.count):
        views.altered(samples, number)
    np.testing.assert_array_equal(samples, KINDS[kind])


def test_moves_are_all_of_one_and_two_pixels() -> None:
    assert sorted(abs(dy) + abs(dx) for dy, dx in MOVES) == [0, *[1] * 4, *[2] * 8]


def test_a_moved_image_repeats_its_edge() -> None:
    image = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    found = ImageViews(3).altered(image, MOVES.index((1, 0)))
    assert found[0, 0].tolist() == [[0, 1, 2], [0, 1, 2], [3, 4, 5]]


def test_large_images_move_in_proportion() -> None:
    image = np.random.default_rng(0).normal(size=(1, 1, 64, 64)).astype(np.float32)
    found = ImageViews(64).altered(image, MOVES.index((0, 1)))
    np.testing.assert_array_equal(found[:, :, :, 2:], image[:, :, :, :-2])


def test_dropped_words_become_padding_and_the_first_word_stays() -> None:
    texts = KINDS["texts"]
    views = views_of(texts, pad=0)
    found = views.altered(texts, views.count - 1)
    assert 0 < (found == 0).mean() < 0.9
    np.testing.assert_array_equal(found[:, 0], texts[:, 0])
    assert ((found == 0) | (found == texts)).all()
