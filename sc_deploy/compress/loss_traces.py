"""How does the loss of each member go from epoch to epoch?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch.nn import functional

from sc_deploy import workspace
from sc_deploy.compress import state
from sc_deploy.contracts import Role

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.defences.defence import Batch
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import Tensors, TrainingState
    from sc_deploy.contracts.arrays import Int64

EXTRA: Final = "loss-traces/loss"
ROLES: Final = (Role.MEMBER_CALIBRATION, Role.MEMBER_AUDIT)


class LossTraces:
    """Cross entropy of each member as training met it: before the step, augmented, undefended.

    float32 [epochs, n] for the members of the calibration and audit roles, in the order of the
    roles; NaN where a sample was not presented in an epoch. It costs no forward pass. It is part
    of a training state, so that a resumed run has what an unbroken one would, and a state that
    was returned has its own path's losses and no later ones.
    """

    def __init__(self, job: Job, device: torch.device) -> None:
        self._job = job
        rows = job.roles.rows(*ROLES)
        self._place = np.full(len(job.roles.role), -1, np.int64)
        self._place[rows] = np.arange(len(rows))
        shape = (job.recipe.train.epochs, len(rows))
        self._loss = torch.full(shape, torch.nan, device=device)

    @torch.no_grad()
    def record(self, rows: Int64, batch: Batch) -> None:
        """Take note of a batch, made of these rows int64 [B] of the roles."""
        place = self._place[rows]
        ours = torch.from_numpy(np.flatnonzero(place >= 0)).to(self._loss.device)
        loss = functional.cross_entropy(batch.logits, batch.labels, reduction="none")
        at = torch.from_numpy(place[place >= 0]).to(self._loss.device)
        self._loss[min(batch.epoch, len(self._loss) - 1), at] = loss[ours].float()

    def capture(self) -> Tensors:
        return state.copies({EXTRA: self._loss})

    def restore(self, extras: Tensors) -> None:
        """Put back what `capture` gave; a state without it had seen nothing."""
        if (found := extras.get(EXTRA)) is None:
            self._loss.fill_(torch.nan)
        else:
            self._loss.copy_(found)


def save(job: Job, kept: TrainingState, path: Path) -> None:
    """Write the losses on the path to the kept weights, with mode 0600: they name members.

    `sample_id` uint8 [n, 32], `loss` float32 [epochs, n].
    """
    rows = job.roles.rows(*ROLES)
    buffer = io.BytesIO()
    np.savez(buffer, sample_id=job.roles.sample_id[rows], loss=kept.extras[EXTRA].numpy())
    workspace.write_bytes(path, buffer.getvalue(), mode=workspace.SECRET)
