from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.privacy.references.log_odds import LogOdds
from sc_deploy.privacy.references.moments import moments

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.mark.parametrize("inside", [True, False])
def test_they_equal_the_slow_way_on_unbalanced_masks(inside: bool, world: Any) -> None:
    """Privacy Meter's OUT mean takes the largest half, right for balanced pairs alone."""
    seen, _ = world(200, 7, leak=2.0, seed=0, inside=0.3)
    found = moments(seen, inside=inside)
    for row in range(200):
        mine = seen.references[seen.inside[:, row] == inside, row]
        assert found.count[row] == len(mine)
        if len(mine):
            assert found.mean[row] == pytest.approx(np.mean(mine), abs=1e-12)
            assert found.squares[row] == pytest.approx(((mine - mine.mean()) ** 2).sum(), abs=1e-12)
        else:
            assert np.isnan(found.mean[row])
            assert found.squares[row] == 0


def test_the_pooled_deviation_is_that_within_samples() -> None:
    """LiRA's code pools over samples, whose difficulty differs, and takes OUT's from IN."""
    rng = np.random.default_rng(0)
    inside = rng.random((8, 4000)) < 0.5
    ease = rng.normal(0.0, 10.0, 4000)
    answers = ease + np.where(inside, 0.5, 1.5) * rng.normal(size=inside.shape)
    seen = LogOdds(ease, answers, inside)
    assert moments(seen, inside=True).pooled == pytest.approx(0.5, rel=0.02)
    assert moments(seen, inside=False).pooled == pytest.approx(1.5, rel=0.02)


def test_single_references_tell_no_deviation(world: Any) -> None:
    seen, _ = world(50, 1, leak=0.0, seed=0, inside=0.0)
    assert np.isnan(moments(seen, inside=False).pooled)
