from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr
from sc_deploy.privacy.statistics.roc import curve


def test_the_curve_rises_to_one_on_a_grid_that_does_not_depend_on_the_samples() -> None:
    rng = np.random.default_rng(0)
    small, large = (curve(rng.normal(1, 1, n), rng.normal(size=n)) for n in (50, 5000))
    assert small.fpr == large.fpr
    assert small.fpr[0] == pytest.approx(1e-4)
    for found in (small, large):
        assert found.tpr[-1] == 1.0
        assert list(found.tpr) == sorted(found.tpr)


def test_the_curve_agrees_with_the_operating_point() -> None:
    rng = np.random.default_rng(1)
    members, others = rng.normal(1, 1, 2000), rng.normal(size=2000)
    found = curve(members, others)
    place = min(range(len(found.fpr)), key=lambda i: abs(found.fpr[i] - 0.01))
    assert found.fpr[place] == pytest.approx(0.01)
    assert found.tpr[place] == pytest.approx(tpr_at_fpr(members, others, fpr=0.01).value)


def test_perfect_separation_is_one_everywhere() -> None:
    assert set(curve(np.ones(30), np.zeros(30)).tpr) == {1.0}
