"""The neural attack of MIA-SafeCompress: a network learns to tell members from their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks import adam
from sc_deploy.privacy.attacks.branched_mlp import (
    AUDITOR,
    BranchedMlp,
    Design,
    initial_parameters,
)
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Channel, Predictions
    from sc_deploy.contracts.arrays import Float32, Float64, Int64

EPOCHS = 100
PATIENCE = 12
BATCH = 128
HELD_OUT = 0.25
MOST_SAMPLES = 5000


@dataclass(frozen=True, slots=True)
class NeuralAttack:
    """Nasr et al. (1807.05852) as in MIA-SafeCompress, without its look at the evaluation set.

    The paper's code reports the best of 100 epochs on the samples it evaluates on. Here a quarter
    of *calibration* is held out; it chooses the epoch, ends training after 12 epochs without
    progress, and chooses the threshold. At most 5,000 samples of each side are used.

    Where the paper's network reads posteriors, ours reads their log-odds, the labelled class
    first. Posteriors of a confident model are all near 0 or 1, and on them the attack overlooks
    leaks that a loss threshold finds; on log-odds it also finds those that no threshold can, as
    where members of one class are answered more surely and those of another less.
    """

    name: str = "neural"
    chance: bool = True
    needs: frozenset[Channel] = frozenset()
    design: Design = AUDITOR

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedNeural:
        rng = np.random.default_rng(seed)
        reader = _Reader.of(calibration)
        inside = _halve(calibration.members, reader, rng)
        outside = _halve(calibration.non_members, reader, rng)
        held_out = _Samples.join(inside[1], outside[1])
        network = _train(_Samples.join(inside[0], outside[0]), held_out, rng, self.design)
        scores = network.log_odds(held_out.answers, held_out.one_hot).astype(np.float64)
        member = held_out.target > 0
        return FittedNeural(best_threshold(scores[member], scores[~member]), network, reader)


@dataclass(frozen=True, slots=True, eq=False)
class FittedNeural:
    threshold: float
    network: BranchedMlp
    reader: _Reader

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        return self.scores(audit.members), self.scores(audit.non_members)

    def scores(self, predictions: Predictions) -> Float64:
        """Log-odds of membership, float64 [n]."""
        parts = [
            self.network.log_odds(*self.reader.features(predictions, rows))
            for rows in np.array_split(
                np.arange(len(predictions.labels)), 1 + len(predictions.labels) // 1024
            )
        ]
        return np.concatenate(parts).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Reader:
    """How the network sees an answer: log-odds less `mean`, over `spread`, of calibration.

    A file whose logits were scaled is seen as if they were not.
    """

    mean: float
    spread: float

    @classmethod
    def of(cls, calibration: CalibrationSet) -> _Reader:
        both = np.concatenate([calibration.members.logits, calibration.non_members.logits])
        seen = signals.margins(both)
        return cls(float(seen.mean()), float(seen.std()) or 1.0)

    def features(self, predictions: Predictions, rows: Int64) -> tuple[Float32, Float32]:
        """Answers and -1/+1 labels, both float32 [n, C].

        The labelled class stands first and the others follow in their cycle: what a sample's own
        class says has one place, and the label tells the network which class it was.
        """
        labels = predictions.labels[rows]
        seen = signals.margins(predictions.logits[rows])
        order = (labels[:, None] + np.arange(seen.shape[1])) % seen.shape[1]
        turned = np.take_along_axis((seen - self.mean) / self.spread, order, axis=1)
        one_hot = np.full(seen.shape, -1, dtype=np.float32)
        one_hot[np.arange(len(rows)), labels] = 1
        return turned.astype(np.float32), one_hot


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """`answers` and `one_hot` float32 [N, C]; `target` float32 [N], 1 for members."""

    answers: Float32
    one_hot: Float32
    target: Float32

    @classmethod
    def join(cls, members: tuple[Float32, Float32], others: tuple[Float32, Float32]) -> _Samples:
        target = np.repeat(np.array([1, 0], np.float32), [len(members[0]), len(others[0])])
        return cls(
            np.concatenate([members[0], others[0]]),
            np.concatenate([members[1], others[1]]),
            target,
        )


def _halve(
    predictions: Predictions, reader: _Reader, rng: np.random.Generator
) -> tuple[tuple[Float32, Float32], tuple[Float32, Float32]]:
    """Features of a random part to learn from and of a part held out; each holds a sample."""
    order = rng.permutation(len(predictions.labels))[:MOST_SAMPLES]
    cut = max(1, round(len(order) * HELD_OUT))
    return reader.features(predictions, order[cut:]), reader.features(predictions, order[:cut])


def _train(
    samples: _Samples, held_out: _Samples, rng: np.random.Generator, design: Design
) -> BranchedMlp:
    """The network after the epoch with the least cross-entropy on the held-out samples."""
    classes = samples.answers.shape[1]
    flat = initial_parameters(classes, rng, design)
    slope = np.empty_like(flat)
    network, gradient = (BranchedMlp.of(vector, classes, design) for vector in (flat, slope))
    moments = adam.Moments.zeros(len(flat))
    best, best_loss, best_epoch, number = flat.copy(), np.inf, 0, 0
    for epoch in range(EPOCHS):
        for rows in _batches(len(samples.target), rng):
            number += 1
            network.descend(
                samples.answers[rows], samples.one_hot[rows], samples.target[rows], gradient
            )
            adam.step(flat, slope, moments, number)
        loss = _cross_entropy(network, held_out)
        if loss < best_loss:
            best, best_loss, best_epoch = flat.copy(), loss, epoch
        elif epoch - best_epoch >= PATIENCE:
            break
    # In float32 the small initial weights round the answers of an attacker that learned nothing
    # to one value a class, which would look like an artifact with tied outputs.
    return BranchedMlp.of(best.astype(np.float64), classes, design)


def _batches(n: int, rng: np.random.Generator) -> list[Int64]:
    order = rng.permutation(n)
    return [order[start : start + BATCH] for start in range(0, n, BATCH)]


def _cross_entropy(network: BranchedMlp, samples: _Samples) -> float:
    log_odds = network.log_odds(samples.answers, samples.one_hot)
    sign = 1 - 2 * samples.target
    return float(np.logaddexp(0, sign * log_odds).mean())
