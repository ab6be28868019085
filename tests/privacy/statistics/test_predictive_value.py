from __future__ import annotations

import pytest

from sc_deploy.contracts import Rate
from sc_deploy.privacy.statistics.predictive_value import ppv, ppv_rate


@pytest.mark.parametrize(
    ("prior", "expected"), [(0.5, 0.988), (0.1, 0.903), (0.01, 0.459), (0.001, 0.078)]
)
def test_the_rarer_members_are_the_less_a_call_means(prior: float, expected: float) -> None:
    assert ppv(0.084, fpr=0.001, prior=prior) == pytest.approx(expected, abs=5e-4)


def test_guessing_leaves_the_prior_as_it_was() -> None:
    assert ppv(0.01, fpr=0.01, prior=0.1) == pytest.approx(0.1)


def test_nobody_called_is_nobody_found() -> None:
    assert ppv(0.0, fpr=0.0, prior=0.1) == 0.0


def test_bounds_of_the_rate_become_bounds_of_the_value() -> None:
    found = ppv_rate(Rate(0.02, 0.01, 0.04, 5000, 0.9), fpr=0.01, prior=0.1)
    assert found.low == pytest.approx(0.1)
    assert found.low < found.value < found.high
    assert (found.n, found.confidence) == (5000, 0.9)
