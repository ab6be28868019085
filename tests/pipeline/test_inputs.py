from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.pipeline import inputs

if TYPE_CHECKING:
    from pathlib import Path


def test_small_samples_stay_as_they_are() -> None:
    table = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(inputs.summary(table), table)
    image = np.arange(64, dtype=np.float32).reshape(1, 1, 8, 8)
    np.testing.assert_array_equal(inputs.summary(image), image.reshape(1, 64))


def test_large_images_become_means_of_blocks() -> None:
    image = np.zeros((2, 1, 28, 28), np.float32)
    image[1, 0, :2, 2:4] = [[1, 2], [3, 6]]
    found = inputs.summary(image)
    assert found.shape == (2, 14 * 14)
    assert found[1, 1] == 3.0
    assert found.sum() == 3.0


@pytest.mark.parametrize(
    "shape",
    [(3, 32, 32), (3, 224, 224), (1000,), (512,), (513,), (2000, 2, 2), (40, 30), (7, 3, 5)],
)
def test_no_summary_is_wider_than_512_and_a_constant_stays_one(shape: tuple[int, ...]) -> None:
    found = inputs.summary(np.full((2, *shape), 2.5, np.float32))
    assert found.dtype == np.float32
    assert found.shape[1] <= 512
    np.testing.assert_allclose(found, 2.5, rtol=1e-6)


def test_texts_are_counts_of_words_without_the_padding() -> None:
    found = inputs.summary(np.array([[5, 9, 5, 0], [9, 0, 0, 0]]), pad=0)
    assert found.shape == (2, 512)
    assert sorted(found[0][found[0] > 0]) == [1.0, 2.0]
    assert found[1].sum() == 1.0
    assert found[0, found[1].argmax()] == 1.0


def test_a_vocabulary_of_five_hundred_words_collides_little() -> None:
    words = np.arange(500)[:, None]
    assert len(np.unique(inputs.summary(words).argmax(axis=1))) > 300


def test_a_file_is_summed_up_as_its_samples_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "BATCH", 3)
    samples = np.random.default_rng(0).normal(size=(8, 1, 28, 28)).astype(np.float32)
    np.save(tmp_path / "x.npy", samples)
    found = inputs.summaries(tmp_path / "x.npy", pad=None)
    np.testing.assert_array_equal(found, inputs.summary(samples))
