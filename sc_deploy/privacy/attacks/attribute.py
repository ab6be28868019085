"""What do answers give away about a sensitive attribute?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import Guesses
from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.cross_fit import halve
from sc_deploy.privacy.attacks.linear_reader import LinearReader, learn_linear

if TYPE_CHECKING:
    from sc_deploy.contracts import Observation
    from sc_deploy.contracts.arrays import Float64, Int64


@dataclass(frozen=True, slots=True, eq=False)
class FittedAttribute:
    """`readers[h]` judges the rows int64 of `halves[h]` and learned from the others."""

    readers: tuple[LinearReader, LinearReader]
    halves: tuple[Int64, Int64]

    def guesses(self, seen: Observation) -> Guesses:
        """Whether the attribute was guessed right, a group for each of its values, ascending."""
        truth = of(seen)
        right = np.empty(len(truth), np.bool_)
        for reader, rows in zip(self.readers, self.halves, strict=True):
            right[rows] = reader.values(_blocks(seen.take(rows))) == truth[rows]
        return Guesses(tuple(right[truth == value] for value in np.unique(truth)))


def fit(seen: Observation, *, seed: int) -> FittedAttribute:
    """Two attackers, each from half of the samples with each value of the attribute.

    A logistic regression reads log-odds, the label, and features where they are seen, as Song &
    Shmatikov do for what a model learned beyond its task (1905.11742). A label that goes with
    the attribute gives part of it away whatever the model answers; that part is the same for all
    candidates. Every value needs at least two samples.
    """
    truth = of(seen)
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(truth == value) for value in np.unique(truth)]
    parts = [(of_value, halve(len(of_value), rng)) for of_value in rows]
    first, second = (
        np.concatenate([of_value[halves[half]] for of_value, halves in parts]) for half in (0, 1)
    )
    readers = _learn(seen.take(second)), _learn(seen.take(first))
    return FittedAttribute(readers, (first, second))


def guess(told: Observation, asked: Observation) -> Guesses:
    """What one attacker, that has learned from other samples, guesses of these.

    Whether it is right, a group for each value of the attribute among them, ascending.
    """
    return _right(asked, _learn(told).values(_blocks(asked)))


def guess_by_label(told: Observation, asked: Observation) -> Guesses:
    """The same of an attacker who knows each sample's label and never asks the model."""
    reader = learn_linear((_classes(told),), of(told))
    return _right(asked, reader.values((_classes(asked),)))


def _right(asked: Observation, guesses: Int64) -> Guesses:
    truth = of(asked)
    return Guesses(tuple(guesses[truth == v] == v for v in np.unique(truth)))


def _classes(seen: Observation) -> Float64:
    """Labels one-hot, float64 [n, C]."""
    answers = seen.predictions
    return np.eye(answers.logits.shape[1])[answers.labels]


def _learn(seen: Observation) -> LinearReader:
    return learn_linear(_blocks(seen), of(seen))


def _blocks(seen: Observation) -> tuple[Float64, ...]:
    answers = seen.predictions
    classes = _classes(seen)
    own = signals.margin(answers.logits, answers.labels)[:, None]
    hidden = () if seen.features is None else (seen.features.astype(np.float64),)
    return (signals.margins(answers.logits), own, own * classes, classes, *hidden)


def of(seen: Observation) -> Int64:
    """The attribute int64 [n] of samples that have one."""
    # The engine refuses a recipe whose test needs an attribute that the task does not have.
    assert seen.attribute is not None
    return seen.attribute
