from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from sc_deploy.privacy.references import prior as priors
from sc_deploy.privacy.references.moments import Moments
from sc_deploy.privacy.references.prior import Prior


def drawn(n: int, references: int, *, prior: Prior, seed: int) -> Moments:
    rng = np.random.default_rng(seed)
    variance = prior.beta / rng.gamma(prior.alpha, size=n)
    mean = prior.mean + np.sqrt(variance / prior.kappa) * rng.normal(size=n)
    answers = mean + np.sqrt(variance) * rng.normal(size=(references, n))
    squares = ((answers - answers.mean(axis=0)) ** 2).sum(axis=0)
    return Moments(np.full(n, references), answers.mean(axis=0), squares)


def test_a_planted_prior_is_found_again() -> None:
    planted = Prior(mean=2.0, kappa=0.2, alpha=4.0, beta=6.0)
    found = priors.learn(drawn(2000, 6, prior=planted, seed=0))
    assert found.mean == pytest.approx(2.0, abs=0.3)
    assert found.kappa == pytest.approx(0.2, rel=0.15)
    assert found.alpha == pytest.approx(4.0, rel=0.3)
    assert found.beta / found.alpha == pytest.approx(1.5, rel=0.1)


def test_the_unit_of_log_odds_does_not_matter() -> None:
    given = drawn(500, 4, prior=Prior(0.0, 0.5, 3.0, 3.0), seed=1)
    large = Moments(given.count, 100 * given.mean, 10_000 * given.squares)
    one, other = priors.learn(given), priors.learn(large)
    assert other.alpha == pytest.approx(one.alpha, rel=1e-3)
    assert other.beta == pytest.approx(10_000 * one.beta, rel=1e-3)


def test_the_predictive_equals_integration_over_mean_and_variance() -> None:
    prior = Prior(mean=1.0, kappa=0.5, alpha=3.0, beta=2.0)
    answers = np.array([2.0, 3.5, 2.5])
    squares = float(((answers - answers.mean()) ** 2).sum())
    found = priors.predictive(
        prior, Moments(np.array([3]), answers.mean(keepdims=True), np.array([squares]))
    )
    variance = np.exp(np.linspace(-5.0, 5.0, 401))
    mean = np.linspace(-12.0, 16.0, 1401)
    joint: Any = stats.invgamma.logpdf(variance, prior.alpha, scale=prior.beta)[:, None]
    deviation = np.sqrt(variance)[:, None]
    joint = joint + stats.norm.logpdf(mean, prior.mean, deviation / np.sqrt(prior.kappa))
    for answer in answers:
        joint = joint + stats.norm.logpdf(answer, mean, deviation)
    weight = np.exp(joint - joint.max()) * variance[:, None]
    weight /= weight.sum()
    for phi in (-1.0, 2.0, 5.0):
        slow = (weight * stats.norm.pdf(phi, mean, deviation)).sum()
        fast = stats.t.pdf(phi, found.freedom[0], found.mean[0], found.scale[0])
        assert fast == pytest.approx(slow, rel=1e-3)


def test_references_that_always_agree_leave_a_proper_prior() -> None:
    found = priors.learn(Moments(np.full(50, 4), np.zeros(50), np.zeros(50)))
    assert np.isfinite([found.kappa, found.alpha, found.beta]).all()
    assert found.beta > 0
