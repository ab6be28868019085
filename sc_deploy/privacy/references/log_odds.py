"""How sure the attacked model and its references are of each sample's label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.errors import AttackError
from sc_deploy.privacy import signals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts import Predictions, References
    from sc_deploy.contracts.arrays import Float64, Int64


@dataclass(frozen=True, slots=True, eq=False)
class LogOdds:
    """phi = log(p_y / (1 - p_y)) of N samples: `target` float64 [N] of the attacked model,
    `references` float64 [K, N] of K others, and `inside` bool [K, N], who trained on what."""

    target: Float64
    references: Float64
    inside: NDArray[np.bool_]

    def take(self, rows: Int64 | NDArray[np.bool_]) -> LogOdds:
        return LogOdds(self.target[rows], self.references[:, rows], self.inside[:, rows])

    def attacking(self, reference: int) -> LogOdds:
        """The same samples with this reference in the place of the target, and K - 1 others."""
        return LogOdds(
            self.references[reference],
            np.delete(self.references, reference, axis=0),
            np.delete(self.inside, reference, axis=0),
        )


def read(answers: Predictions, references: References) -> LogOdds:
    """Of the samples of `answers`, in their order. Raises AttackError where shapes do not meet
    or a reference answers with what is not a number."""
    _require_table(answers, references)
    phi = np.empty(references.inside.shape)
    for row, logits in zip(phi, references.logits, strict=True):
        row[:] = signals.margin(logits, answers.labels)
    if not np.isfinite(phi).all():
        broken = np.flatnonzero(~np.isfinite(phi).all(axis=1)).tolist()
        raise AttackError(
            f"the reference models {broken} answer with what is not a number",
            remedy="train these references anew, or leave them out",
        )
    return LogOdds(signals.margin(answers.logits, answers.labels), phi, references.inside)


def join(first: LogOdds, second: LogOdds) -> LogOdds:
    """The samples of both, those of the first before."""
    return LogOdds(
        np.concatenate([first.target, second.target]),
        np.concatenate([first.references, second.references], axis=1),
        np.concatenate([first.inside, second.inside], axis=1),
    )


def _require_table(answers: Predictions, references: References) -> None:
    expected = (references.logits.shape[0], *answers.logits.shape)
    if references.logits.shape != expected or references.inside.shape != expected[:2]:
        raise AttackError(
            f"the references' logits have the shape {references.logits.shape} and their membership "
            f"{references.inside.shape}, where {expected} and {expected[:2]} are expected",
            remedy="have the references answer the very samples of the audit, row by row",
        )
