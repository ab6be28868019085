"""Canaries of an audit: what was planted, and what each model of the chain gives away of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.contracts.measurement import Rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Int64, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """The canaries of a run: `sample_id` uint8 [n, 32], `member` bool [n] whether the coin had
    them trained on, `label` int64 [n] the label that they were given."""

    sample_id: UInt8
    member: NDArray[np.bool_]
    label: Int64


@dataclass(frozen=True, slots=True)
class CanaryStage:
    """What one model of the chain gives away of the coins.

    `auc` ranks canaries that were trained on against those that were not; `change` is that minus
    the AUC of the model before it, on the same canaries; `right` is the share of guesses about
    coins that were right, and `epsilon` the one-sided lower bound that follows from them.
    """

    subject: str
    auc: Rate
    change: Rate | None
    right: Rate
    epsilon: float


@dataclass(frozen=True, slots=True)
class CanaryAudit:
    """The leak budget: `stages` in the order in which the models were made.

    `planted` canaries are known, `measured` of them on the artifact. `lacking` says in words why
    the artifact could not be measured; empty if it was.
    """

    planted: int
    measured: int
    stages: tuple[CanaryStage, ...]
    lacking: str = ""
