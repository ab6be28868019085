"""From what a file answers to logits: probabilities by their logarithm, one value as two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Scale
from sc_deploy.errors import InferenceError, Problem
from sc_deploy.privacy.statistics.proportion import proportion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.contracts.arrays import Float32, Float64, Int64

LEAST: Final = float(np.finfo(np.float32).tiny)
# The largest float32 below 1, and half a step beyond: a saturated sigmoid's logit is about 17.
MOST: Final = 1.0 - 2.0**-25
# An int8 softmax of C classes adds up to 1 within half a step each.
STEP: Final = 1.0 / 256.0
SAME: Final = 0.9
SIGN_CONFIDENCE: Final = 0.998


def scale_of(answers: Float32, declared: Scale) -> Scale:
    """What the values are, where the file itself does not say that they are probabilities."""
    if declared is Scale.LOGITS and _are_probabilities(answers):
        return Scale.PROBABILITIES
    return declared


def logits(answers: Float32, scale: Scale) -> Float32:
    """Logits float32 [N, C] of answers [N, K]: C is K, or 2 where K is 1.

    Of probabilities p it is log p, which softmax turns back into p; of one probability its
    log-odds z. One logit z becomes [-z/2, z/2]. A probability of 0 counts as 1.2e-38, the least
    that float32 can hold; what is not finite stays so.
    """
    values = answers.astype(np.float64)
    if scale is Scale.PROBABILITIES:
        values = _log_odds(values) if values.shape[1] == 1 else np.log(np.maximum(values, LEAST))
    if values.shape[1] == 1:
        values = np.concatenate([-values / 2.0, values / 2.0], axis=1)
    return values.astype(np.float32)


def _log_odds(p: Float64) -> Float64:
    inside = np.clip(p, LEAST, MOST)
    odds: Float64 = np.log(inside) - np.log1p(-inside)
    return odds


def _are_probabilities(answers: Float32) -> bool:
    """Whether every row lies in [0, 1] and adds up to 1, as far as eight bits can tell."""
    if not np.isfinite(answers).all() or answers.min() < 0.0 or answers.max() > 1.0 + STEP:
        return False
    classes = answers.shape[1]
    return classes == 1 or bool(np.abs(answers.sum(axis=1) - 1.0).max() <= classes * STEP)


def require_same_model(inner: Float32, public: Float32) -> None:
    """Raise InferenceError unless the tensor inside leads to the answers of the shipped file.

    A sample counts where the shipped answer has one largest class: rounded ones tie.
    """
    ranked = np.sort(public, axis=1)
    clear = ranked[:, -1] > ranked[:, -2]
    agree = inner.argmax(axis=1) == public.argmax(axis=1)
    if clear.any() and float(agree[clear].mean()) < SAME:
        raise InferenceError(
            "the tensor before softmax and the file's answers name different classes",
            remedy="report this file's last operators to us; audit it with --logits meanwhile",
        )


def sign_problems(answers: Float32, labels: Int64) -> Iterator[Problem]:
    """A problem where the smallest value names the class surely more often than the largest."""
    n, classes = answers.shape
    if classes < 3 or not np.isfinite(answers).all():
        return
    largest, smallest = (
        proportion(int(np.count_nonzero(found == labels)), n, confidence=SIGN_CONFIDENCE)
        for found in (answers.argmax(axis=1), answers.argmin(axis=1))
    )
    if smallest.low > max(largest.high, 1.0 / classes):
        yield Problem(
            "sign",
            f"the smallest value names the class of {100 * smallest.value:.1f} % of the samples, "
            f"the largest that of {100 * largest.value:.1f} %",
            "negate the values: the largest logit is the answer",
        )
