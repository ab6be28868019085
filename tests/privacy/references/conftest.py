"""References and a target that find the same samples easy, and what training on one adds."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pytest

from sc_deploy.privacy.references.log_odds import LogOdds


class World(Protocol):
    def __call__(
        self, n: int, references: int, *, leak: float, seed: int, inside: float = 0.5
    ) -> tuple[LogOdds, LogOdds]: ...


def draw(
    n: int, references: int, *, member: bool, leak: float, seed: int, inside: float
) -> LogOdds:
    """Log-odds that vary by sample (deviation 2) more than by model (about .7).

    Training adds `leak` times a sample's own susceptibility. Each reference trained on a sample
    with probability `inside`, so that masks are unbalanced.
    """
    rng = np.random.default_rng([seed, member])
    ease, spread = rng.normal(1.0, 2.0, n), 0.7 * np.exp(rng.normal(0.0, 0.4, n))
    gain = leak * 2.0 * rng.random(n)
    trained = rng.random((references, n)) < inside
    answers = ease + spread * rng.normal(size=(references, n)) + gain * trained
    return LogOdds(ease + spread * rng.normal(size=n) + gain * member, answers, trained)


@pytest.fixture(scope="session")
def world() -> World:
    def build(
        n: int, references: int, *, leak: float, seed: int, inside: float = 0.5
    ) -> tuple[LogOdds, LogOdds]:
        members, others = (
            draw(n, references, member=member, leak=leak, seed=seed, inside=inside)
            for member in (True, False)
        )
        return members, others

    return build
