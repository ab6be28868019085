from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.privacy.probes import boundary

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32, Int64, NetworkInput


def half_plane(x: NetworkInput) -> Int64:
    """Class 1 where the first coordinate is above 0."""
    return (x.reshape(len(x), -1)[:, 0] > 0).astype(np.int64)


def points(n: int, seed: int) -> Float32:
    return np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)


def test_the_distance_of_a_half_plane_is_found_from_above() -> None:
    samples, others = points(200, 0), points(400, 1)
    truth = np.abs(samples[:, 0])
    found = boundary.distances(half_plane, samples, half_plane(samples), others)
    assert (found >= truth - 1e-3).all()
    assert np.median(found / truth) < 1.2
    assert np.corrcoef(found, truth)[0, 1] > 0.97


def test_a_wrong_answer_lies_beyond_the_boundary_already() -> None:
    samples = points(20, 0)
    labels = half_plane(samples)
    labels[:5] = 1 - labels[:5]
    found = boundary.distances(half_plane, samples, labels, points(50, 1))
    assert (found[:5] == 0).all()
    assert (found[5:] > 0).all()


def test_a_model_that_answers_always_the_same_has_no_boundary_and_finite_distances() -> None:
    samples, others = points(10, 0), points(30, 1)
    found = boundary.distances(
        lambda x: np.zeros(len(x), np.int64), samples, np.zeros(10, np.int64), others
    )
    nearest = np.linalg.norm(samples[:, None] - others, axis=2).min(axis=1)
    np.testing.assert_allclose(found, nearest, rtol=1e-5)


def test_images_are_asked_in_their_shape_and_few_times() -> None:
    shapes = []

    def ask(x: NetworkInput) -> Int64:
        shapes.append(x.shape[1:])
        assert x.dtype == np.float32
        return half_plane(x)

    samples = points(32, 0).reshape(4, 1, 4, 4)
    boundary.distances(ask, samples, half_plane(samples), points(64, 1).reshape(8, 1, 4, 4))
    assert set(shapes) == {(1, 4, 4)}
    assert len(shapes) == 12
