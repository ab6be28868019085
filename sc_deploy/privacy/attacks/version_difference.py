"""What do several versions of one model give away together that none of them does alone?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Channel
from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.cross_fit import halve
from sc_deploy.privacy.attacks.linear_reader import LinearReader, learn_linear
from sc_deploy.privacy.attacks.threshold import best_threshold

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge, Predictions
    from sc_deploy.contracts.arrays import Float32, Float64

MOST_POSTERIORS: Final = 10


@dataclass(frozen=True, slots=True)
class VersionDifferenceAttack:
    """CompLeak's attacks on a model and its compressed versions (2507.16872, SR and MR).

    Theirs is a network over the posteriors of all versions. Ours is a logistic regression over
    the loss signal of each version, how far this file's lies from theirs (with its sign, and
    without), the largest posteriors of each in falling order, and the label. Half of
    *calibration* teaches it, the other half chooses the threshold.
    """

    name: str = "version-difference"
    chance: bool = False
    needs: frozenset[Channel] = frozenset({Channel.VERSIONS})

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedVersionDifference:
        rng = np.random.default_rng(seed)
        sides = zip((calibration.members, calibration.non_members), calibration.known, strict=True)
        parts = [_halved(_blocks(answers, known), rng) for answers, known in sides]
        learned, held = ([part[half] for part in parts] for half in (0, 1))
        blocks = [np.vstack(pair) for pair in zip(*learned, strict=True)]
        member = np.repeat(np.array([1, 0], np.int64), [len(side[0]) for side in learned])
        reader = learn_linear(blocks, member)
        inside, outside = (reader.log_odds(side) for side in held)
        return FittedVersionDifference(best_threshold(inside, outside), reader)


@dataclass(frozen=True, slots=True, eq=False)
class FittedVersionDifference:
    threshold: float
    reader: LinearReader

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        inside, outside = (
            self.reader.log_odds(_blocks(answers, known))
            for answers, known in zip((audit.members, audit.non_members), audit.known, strict=True)
        )
        return inside, outside


def _halved(
    blocks: tuple[Float64, ...], rng: np.random.Generator
) -> tuple[tuple[Float64, ...], tuple[Float64, ...]]:
    first, second = halve(len(blocks[0]), rng)
    return tuple(block[first] for block in blocks), tuple(block[second] for block in blocks)


def _blocks(answers: Predictions, known: Knowledge) -> tuple[Float64, ...]:
    # The auditor runs no attack without what it needs.
    assert known.versions is not None
    own = signals.margin(answers.logits, answers.labels)[:, None]
    others = np.stack([signals.margin(z, answers.labels) for z in known.versions], axis=1)
    shapes = [_sorted(logits) for logits in (answers.logits, *known.versions)]
    classes = np.eye(answers.logits.shape[1])[answers.labels]
    return own, others, own - others, np.abs(own - others), *shapes, classes


def _sorted(logits: Float32) -> Float64:
    falling: Float64 = -np.sort(-signals.posteriors(logits), axis=1)
    return falling[:, :MOST_POSTERIORS]
