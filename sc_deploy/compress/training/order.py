"""Which samples does a training step see?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from sc_deploy.compress.randomness import generator
from sc_deploy.tasks import batches

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job
    from sc_deploy.contracts.arrays import Int64, NetworkInput


@dataclass(slots=True)
class Order:
    """The members in batches: a new permutation each epoch, a function of (seed, epoch) alone.

    So every candidate of a round sees the same batches, and a resumed run the same as before.
    Only one batch of samples is in memory at a time.
    """

    job: Job
    steps_per_epoch: int = field(init=False)
    _members: Int64 = field(init=False)
    _epoch: int = field(default=-1, init=False)
    _rows: Int64 = field(default_factory=lambda: np.empty(0, np.int64), init=False)

    def __post_init__(self) -> None:
        self._members = self.job.members
        self.steps_per_epoch = self.job.steps_per_epoch

    def rows(self, step: int) -> Int64:
        """Rows of the roles that a step is made on, int64 [batch]."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._rows, self._epoch = self._shuffled(epoch), epoch
        size = self.job.recipe.train.batch_size
        return self._rows[position * size : (position + 1) * size]

    def batch(self, step: int) -> tuple[NetworkInput, Int64]:
        """Preprocessed samples [batch, ...] and labels int64 [batch] of a step."""
        return read(self.job, self.rows(step))

    def _shuffled(self, epoch: int) -> Int64:
        stream = generator(self.job.recipe.seed, "order", epoch)
        order: Int64 = torch.randperm(len(self._members), generator=stream).numpy()
        return self._members[order]


def read(job: Job, rows: Int64) -> tuple[NetworkInput, Int64]:
    """Preprocessed samples [n, ...] and labels int64 [n] of these rows of the roles."""
    return batches.read(job.task, job.roles.index[rows]), job.roles.label[rows]
