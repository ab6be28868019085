"""Synthetic answers of a classifier that gives more or less of its members away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pytest

from sc_deploy.contracts import AuditSet, CalibrationSet, Predictions


class Answers(Protocol):
    def __call__(self, n: int, *, leak: float, seed: int, classes: int = 10) -> Predictions: ...


def draw(n: int, *, leak: float, seed: int, classes: int = 10) -> Predictions:
    """Logits whose own-label entry is raised by `leak` times a uniform number."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes))
    logits[np.arange(n), labels] += 3 + leak * rng.random(n)
    ids = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    return Predictions(logits.astype(np.float32), labels.astype(np.int64), ids)


@dataclass(frozen=True)
class Game:
    """One membership game: what the attacker learns from, what it is scored on."""

    calibration: CalibrationSet
    audit: AuditSet


def play(leak: float, *, calibration: int = 600, audit: int = 2000, seed: int = 0) -> Game:
    first, second, third, fourth = (10 * seed + i for i in range(4))
    return Game(
        CalibrationSet(
            draw(calibration, leak=leak, seed=first), draw(calibration, leak=0, seed=second)
        ),
        AuditSet(draw(audit, leak=leak, seed=third), draw(audit, leak=0, seed=fourth)),
    )


class Play(Protocol):
    def __call__(
        self, leak: float, *, calibration: int = 600, audit: int = 2000, seed: int = 0
    ) -> Game: ...


@pytest.fixture(scope="session")
def game() -> Play:
    return play


@pytest.fixture(scope="session")
def answers() -> Answers:
    return draw


@pytest.fixture(scope="session")
def only() -> Only:
    return keep_classes


class Only(Protocol):
    def __call__(self, predictions: Predictions, *classes: int) -> Predictions: ...


def keep_classes(predictions: Predictions, *classes: int) -> Predictions:
    chosen = np.isin(predictions.labels, classes)
    return replace(
        predictions,
        logits=predictions.logits[chosen],
        labels=predictions.labels[chosen],
        sample_id=predictions.sample_id[chosen],
    )
