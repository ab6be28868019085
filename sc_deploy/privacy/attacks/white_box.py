"""What do the last layer's inputs and the gradient of its weights give away about membership?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from sc_deploy.contracts import Channel, Observation
from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.cross_fit import halve
from sc_deploy.privacy.attacks.linear_reader import LinearReader, learn_linear
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge, Predictions
    from sc_deploy.contracts.arrays import Float64

TINY = 1e-12


@dataclass(frozen=True, slots=True)
class WhiteBoxAttack:
    """The same attacker in an audit: it learns from half of *calibration*, and the other half
    chooses its threshold."""

    name: str = "white-box"
    chance: bool = False
    needs: frozenset[Channel] = frozenset({Channel.FEATURES})

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedWhiteBox:
        rng = np.random.default_rng(seed)
        sides = zip((calibration.members, calibration.non_members), calibration.known, strict=True)
        seen = [_observed(answers, known) for answers, known in sides]
        halves = [halve(len(side.predictions.labels), rng) for side in seen]
        first, second = (
            [side.take(rows[half]) for side, rows in zip(seen, halves, strict=True)]
            for half in (0, 1)
        )
        reader = learn(first[0], first[1], seed=seed).reader
        inside, outside = (reader.log_odds(_blocks(side)) for side in second)
        return FittedWhiteBox(best_threshold(inside, outside), reader)


@dataclass(frozen=True, slots=True, eq=False)
class FittedWhiteBox:
    threshold: float
    reader: LinearReader

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        sides = zip((audit.members, audit.non_members), audit.known, strict=True)
        inside, outside = (self.reader.log_odds(_blocks(_observed(*side))) for side in sides)
        return inside, outside


@dataclass(frozen=True, slots=True, eq=False)
class WhiteBox:
    """An attacker that has learned from loss, gradient and features."""

    reader: LinearReader

    def __call__(self, seen: Observation) -> NDArray[np.bool_]:
        return np.asarray(self.reader.values(_blocks(seen)) == 1)


def learn(
    members: Observation,
    non_members: Observation,
    *,
    seed: int,  # noqa: ARG001 (nothing here is drawn)
) -> WhiteBox:
    """A logistic regression after the white-box attack of Nasr et al. (1812.00910).

    Theirs is a network over the loss, the gradient of each layer's weights as an image, the
    label and the answer. Of the gradient of the last layer, (softmax - one_hot) x features, ours
    reads the two factors by their norms, and the features themselves; earlier layers not at all.
    """
    both = [np.vstack(pair) for pair in zip(_blocks(members), _blocks(non_members), strict=True)]
    sizes = len(members.predictions.labels), len(non_members.predictions.labels)
    return WhiteBox(learn_linear(both, np.repeat(np.array([1, 0], np.int64), sizes)))


def log_gradient_norm(seen: Observation) -> Float64:
    """Log of the Euclidean norm of a sample's loss gradient by the last weights, float64 [n].

    The gradient is an outer product, so its norm is the product of two: of softmax - one_hot,
    from log-odds so that it does not run out of float64 where the model is sure, and of the
    features.
    """
    phi = signals.margins(seen.predictions.logits)
    rows = np.arange(len(phi))
    phi[rows, seen.predictions.labels] *= -1.0
    error = special.logsumexp(2 * special.log_expit(phi), axis=1) / 2
    return np.asarray(error + _log_norm(_features(seen)))


def _observed(answers: Predictions, known: Knowledge) -> Observation:
    return Observation(answers, features=known.features)


def _blocks(seen: Observation) -> tuple[Float64, ...]:
    answers, features = seen.predictions, _features(seen)
    figures = (
        signals.margin(answers.logits, answers.labels),
        -signals.log_modified_entropy(answers.logits, answers.labels),
        log_gradient_norm(seen),
        _log_norm(features),
    )
    classes = np.eye(answers.logits.shape[1])
    return (*(figure[:, None] for figure in figures), classes[answers.labels], features)


def _features(seen: Observation) -> Float64:
    # The engine refuses a recipe whose test needs features that the network does not have, and
    # the auditor runs no attack without them.
    assert seen.features is not None
    return seen.features.astype(np.float64)


def _log_norm(features: Float64) -> Float64:
    return np.asarray(np.log(np.linalg.norm(features, axis=1) + TINY))
