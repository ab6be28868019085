from __future__ import annotations

import numpy as np

from sc_deploy.privacy.attacks.expectation import learn


def test_noise_is_not_explained() -> None:
    rng = np.random.default_rng(0)
    columns, target = rng.normal(size=(500, 8)), rng.normal(size=500)
    found, left_out = learn(columns, target, seed=0)
    assert found.slope < 0.3
    assert left_out.std() < 0.3
    assert found(columns).std() < 0.5


def test_what_columns_say_is_learned() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(800, 3))
    target = np.sin(2 * columns[:, 0]) + 0.1 * rng.normal(size=800)
    found, left_out = learn(columns, target, seed=0)
    fresh = rng.normal(size=(400, 3))
    assert found.slope > 0.9
    assert np.corrcoef(left_out, target)[0, 1] > 0.9
    assert np.corrcoef(found(fresh), np.sin(2 * fresh[:, 0]))[0, 1] > 0.9


def test_a_target_that_never_varies_is_expected_as_it_is() -> None:
    found, left_out = learn(np.random.default_rng(0).normal(size=(50, 2)), np.full(50, 3.0), seed=0)
    assert (left_out == 3.0).all()
    assert (found(np.zeros((4, 2))) == 3.0).all()
