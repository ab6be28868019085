from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.references import lira_offline, lira_online, student_t
from sc_deploy.privacy.references.prior import Predictive
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def predictive(n: int, freedom: float, *, mean: float = 1.0, scale: float = 0.5) -> Predictive:
    return Predictive(np.full(n, freedom), np.full(n, mean), np.full(n, scale))


@pytest.mark.parametrize("freedom", [1.5, 3.0, 40.0])
def test_the_density_is_students(freedom: float) -> None:
    phi = np.linspace(-50.0, 50.0, 41)
    found = student_t.log_density(phi, predictive(41, freedom))
    np.testing.assert_allclose(found, stats.t.logpdf(phi, freedom, 1.0, 0.5), rtol=1e-10)


@pytest.mark.parametrize("freedom", [1.5, 3.0, 10.0, 100.0])
def test_the_deviate_has_about_the_tail_of_students_t(freedom: float) -> None:
    phi = np.linspace(-9.0, 11.0, 401)
    found = student_t.z(phi, predictive(401, freedom))
    upper = stats.norm.isf(stats.t.sf(phi, freedom, 1.0, 0.5))
    lower = stats.norm.ppf(stats.t.cdf(phi, freedom, 1.0, 0.5))
    assert np.abs(found - np.where(phi > 1.0, upper, lower)).max() < 0.2


def test_the_deviate_rises_and_is_finite_far_out() -> None:
    phi = np.linspace(-50.0, 50.0, 201)
    found = student_t.z(phi, predictive(201, 128.0, scale=1e-3))
    assert np.isfinite(found).all()
    assert (np.diff(found) > 0).all()


def test_with_many_references_it_is_lira(world: Any) -> None:
    calibration, audit = world(300, 600, leak=1.0, seed=0), world(200, 600, leak=1.0, seed=1)
    ours = student_t.learn(*calibration)(audit[0])
    theirs = lira_online.learn(*calibration)(audit[0])
    assert np.corrcoef(ours, theirs)[0, 1] > 0.999
    assert np.median(np.abs(ours - theirs)) < 0.03


@pytest.mark.parametrize(("inside", "other"), [(0.0, lira_offline), (0.5, lira_online)])
def test_with_few_references_it_finds_more_than_lira(inside: float, other: Any, world: Any) -> None:
    calibration = world(1000, 4, leak=1.0, seed=0, inside=inside)
    audit = world(5000, 4, leak=1.0, seed=1, inside=inside)
    ours, theirs = (
        auc(*map(scorer.learn(*calibration), audit)).value for scorer in (student_t, other)
    )
    assert ours > theirs + 0.005
