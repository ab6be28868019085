"""Synthetic answers of a classifier that gives more or less of its members away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pytest

from sc_deploy.contracts import (
    AuditSet,
    CalibrationSet,
    Knowledge,
    Observation,
    Predictions,
    References,
)


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


def references(answers: Predictions, *, leak: float, seed: int) -> References:
    """What eight references answer about these samples; each trained on half of them."""
    rng = np.random.default_rng([seed, 8])
    n, classes = answers.logits.shape
    logits = rng.normal(size=(8, n, classes)).astype(np.float32)
    trained = rng.random((8, n)) < 0.5
    gained = 3 + leak * rng.random((8, n)) * trained
    logits[:, np.arange(n), answers.labels] += gained.astype(np.float32)
    return References(logits, trained)


@dataclass(frozen=True)
class Game:
    """One membership game: what the attacker learns from, what it is scored on."""

    calibration: CalibrationSet
    audit: AuditSet


def play(leak: float, *, calibration: int = 600, audit: int = 2000, seed: int = 0) -> Game:
    first, second, third, fourth = (10 * seed + i for i in range(4))
    learned = draw(calibration, leak=leak, seed=first), draw(calibration, leak=0, seed=second)
    scored = draw(audit, leak=leak, seed=third), draw(audit, leak=0, seed=fourth)
    return Game(
        CalibrationSet(*learned, _known(learned, leak, (first, second))),
        AuditSet(*scored, _known(scored, leak, (third, fourth))),
    )


def _known(
    sides: tuple[Predictions, Predictions], leak: float, seeds: tuple[int, int]
) -> tuple[Knowledge, Knowledge]:
    inside, outside = (
        replace(known(side, seed), references=references(side, leak=leak, seed=seed))
        for side, seed in zip(sides, seeds, strict=True)
    )
    return inside, outside


def known(answers: Predictions, seed: int) -> Knowledge:
    """What else these answers would come with: inputs that say nothing, votes of shaken logits,
    distances that are margins; the last tenth was not measured."""
    rng = np.random.default_rng([seed, 1])
    n, classes = answers.logits.shape
    shaken = answers.logits + rng.normal(scale=1.5, size=(9, n, classes))
    own = answers.logits[np.arange(n), answers.labels]
    others = answers.logits.copy()
    others[np.arange(n), answers.labels] = -np.inf
    distance = np.maximum(0.0, own - others.max(axis=1)).astype(np.float64)
    distance[n - n // 10 :] = np.nan
    return Knowledge(
        inputs=rng.normal(size=(n, 6)).astype(np.float32),
        votes=(shaken.argmax(axis=2) == answers.labels).T,
        distance=distance,
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


class Difficult(Protocol):
    def __call__(self, n: int, *, leak: float, seed: int) -> Observation: ...


def difficult(n: int, *, leak: float, seed: int, classes: int = 10) -> Observation:
    """Answers of a model and of a reference that find the same samples easy and hard.

    How sure both are of a label varies by sample far more than the `leak` that only the first
    model's answers carry.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    ease = rng.normal(1.0, 2.0, n)
    logits, reference = rng.normal(scale=0.3, size=(2, n, classes))
    logits[np.arange(n), labels] += ease + leak
    reference[np.arange(n), labels] += ease
    ids = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    answers = Predictions(logits.astype(np.float32), labels.astype(np.int64), ids)
    return Observation(answers, reference=reference.astype(np.float32))


class Hidden(Protocol):
    def __call__(self, n: int, *, leak: float, seed: int) -> Observation: ...


def hidden(n: int, *, leak: float, seed: int) -> Observation:
    """Answers that give nothing away, of features float32 [n, 32] that are moved by `leak`.

    The move is along one direction of 32, as if the last layer's weights did not see it.
    """
    rng = np.random.default_rng(seed)
    features = np.abs(rng.normal(size=(n, 32)))
    features[:, 5] += leak
    return Observation(draw(n, leak=0, seed=seed + 1), features=features.astype(np.float32))


@pytest.fixture(scope="session")
def hard_and_easy() -> Difficult:
    return difficult


@pytest.fixture(scope="session")
def hidden_in_features() -> Hidden:
    return hidden
