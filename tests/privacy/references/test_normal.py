from __future__ import annotations

import numpy as np
from scipy import stats

from sc_deploy.privacy.references import normal
from sc_deploy.privacy.references.moments import Moments


def found(count: list[int], squares: list[float]) -> Moments:
    return Moments(np.array(count), np.zeros(len(count)), np.array(squares))


def test_the_density_is_the_normal_one() -> None:
    phi = np.linspace(-50, 50, 11)
    given = normal.Normal(np.full(11, 2.0), np.full(11, 3.0))
    np.testing.assert_allclose(given.log_density(phi), stats.norm.logpdf(phi, 2.0, 3.0), rtol=1e-12)


def test_each_sample_has_its_unbiased_deviation() -> None:
    given = normal.of_each(found([2, 5], [2.0, 16.0]), pooled=1.0)
    np.testing.assert_allclose(given.deviation, [np.sqrt(2.0), 2.0])


def test_a_single_reference_takes_the_pooled_deviation() -> None:
    assert normal.of_each(found([1], [0.0]), pooled=0.7).deviation.tolist() == [0.7]


def test_references_that_happen_to_agree_are_not_taken_for_certainty() -> None:
    np.testing.assert_allclose(normal.of_each(found([2], [1e-30]), pooled=0.7).deviation, [0.07])


def test_references_that_always_agree_still_give_finite_scores() -> None:
    for given in (
        normal.of_each(found([4], [0.0]), pooled=0.0),
        normal.of_all(found([4], [0.0]), pooled=0.0),
    ):
        assert np.isfinite(given.z(np.array([50.0]))).all()
        assert np.isfinite(given.log_density(np.array([-50.0]))).all()
