"""How does MIA-SafeCompress itself train and read its black-box attacker?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from sc_deploy.contracts import Guesses, Predictions
from sc_deploy.privacy.attacks import adam
from sc_deploy.privacy.attacks.branched_mlp import BranchedMlp, Design, initial_parameters
from sc_deploy.privacy.attacks.cross_fit import halve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float32, Int64
    from sc_deploy.privacy.attacks.cross_fit import Halves

    Coded: TypeAlias = tuple[Float32, Float32]

PAPER: Final = Design(slope=0.0)
EPOCHS: Final = 100
BATCH: Final = 128

Answers: TypeAlias = tuple[Predictions, Predictions]
"""What a model answers on members and on non-members."""


@dataclass(frozen=True, slots=True, eq=False)
class PaperAttacker:
    """A network that learned from the first half of each side and judges the second."""

    network: BranchedMlp
    halves: tuple[Halves, Halves]

    def guesses(self, answers: Answers) -> Guesses:
        """What it gets right of the second halves, in the order of the rows."""
        inside, outside = (
            _named(self.network, coded(side, np.sort(second)))
            for side, (_, second) in zip(answers, self.halves, strict=True)
        )
        return Guesses((inside, ~outside))


def fit(look: Callable[[], Answers], *, seed: int) -> PaperAttacker:
    """Nasr et al. (1807.05852) as MIA-SafeCompress (ASE'22) runs it, faults included.

    It reads raw logits and labels coded -1/+1, knows half of each side, and learns by Adam for
    100 epochs, each of batches of 128 + 128 until the smaller side is used up. As in its public
    code, the epoch kept is the one with the best accuracy *on the samples it is evaluated on*,
    so that models without a leak show somewhat more than one half, and a score of one half
    accuses. Both sides need two samples.

    `look` is asked once an epoch, as the public code asks the model again each epoch. Without
    augmentation the answers are the same each time: a `look` that remembers gives equal bytes.
    """
    rng = np.random.default_rng(seed)
    answers = look()
    inside, outside = (halve(len(side.labels), rng) for side in answers)
    pupil = _Pupil.fresh(answers[0].logits.shape[1], rng)
    best = PaperAttacker(pupil.snapshot(), (inside, outside))
    reached = 0.0
    for epoch in range(EPOCHS):
        answers = answers if epoch == 0 else look()
        told = coded(answers[0], inside[0]), coded(answers[1], outside[0])
        pupil.learn(told[0], told[1], rng, first=1 + epoch * _batches(*told))
        now = PaperAttacker(pupil.network, best.halves)
        if (accuracy := now.guesses(answers).accuracy) > reached:
            best, reached = PaperAttacker(pupil.snapshot(), best.halves), accuracy
    return best


@dataclass(frozen=True, slots=True, eq=False)
class _Pupil:
    """A network in training: its parameters float32 [P], their gradient and moments."""

    classes: int
    parameters: Float32
    slope: Float32
    moments: adam.Moments

    @classmethod
    def fresh(cls, classes: int, rng: np.random.Generator) -> _Pupil:
        flat = initial_parameters(classes, rng, PAPER)
        return cls(classes, flat, np.empty_like(flat), adam.Moments.zeros(len(flat)))

    @property
    def network(self) -> BranchedMlp:
        """The network as it is now, and as it will be after the next step."""
        return BranchedMlp.of(self.parameters, self.classes, PAPER)

    def snapshot(self) -> BranchedMlp:
        return BranchedMlp.of(self.parameters.copy(), self.classes, PAPER)

    def learn(self, inside: Coded, outside: Coded, rng: np.random.Generator, *, first: int) -> None:
        """One epoch; `first` is the number of its first step, 1 for the very first."""
        network, gradient = self.network, BranchedMlp.of(self.slope, self.classes, PAPER)
        orders = rng.permutation(len(inside[0])), rng.permutation(len(outside[0]))
        for batch in range(_batches(inside, outside)):
            part = slice(batch * BATCH, (batch + 1) * BATCH)
            mine, others = orders[0][part], orders[1][part]
            target = np.repeat(np.array([1, 0], np.float32), [len(mine), len(others)])
            answers = np.concatenate([inside[0][mine], outside[0][others]])
            labels = np.concatenate([inside[1][mine], outside[1][others]])
            network.descend(answers, labels, target, gradient)
            adam.step(self.parameters, self.slope, self.moments, first + batch)


def _batches(inside: Coded, outside: Coded) -> int:
    """Batches of an epoch: two readers side by side stop with the shorter, its rest included."""
    return -(-min(len(inside[0]), len(outside[0])) // BATCH)


def coded(answers: Predictions, rows: Int64) -> Coded:
    """Raw logits and -1/+1 labels of these rows, both float32 [n, C]."""
    one_hot = np.full((len(rows), answers.logits.shape[1]), -1, np.float32)
    one_hot[np.arange(len(rows)), answers.labels[rows]] = 1
    return answers.logits[rows], one_hot


def _named(network: BranchedMlp, coded: Coded) -> NDArray[np.bool_]:
    return np.asarray(network.log_odds(*coded) >= 0.0)
