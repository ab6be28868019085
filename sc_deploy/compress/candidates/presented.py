"""What of a network in training is examined, and would be returned?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from sc_deploy.compress import state
from sc_deploy.compress.processes.sharing import sharing
from sc_deploy.compress.training.calibration import recalibrate
from sc_deploy.compress.training.order import Order, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.compress.state import TrainingState
    from sc_deploy.compress.training.trainer import Trainer


@contextmanager
def presented(trainer: Trainer) -> Iterator[TrainingState]:
    """Inside, the trainer's network is what would be returned now; this is its state.

    Averaged weights where the recipe averages; and, unless the recipe leaves them, running
    statistics made anew on the first batches of members in a fixed order, so that equal weights
    are presented alike whenever it is.
    The state has no moments: nobody trains on from it. The trainer is put back afterwards.
    """
    before = trainer.capture()
    try:
        state.load(trainer.module, before.average)
        if trainer.job.recipe.compress.recalibrate:
            recalibrate(trainer.module, _batches(trainer))
        yield state.bare(trainer.step, trainer.module, trainer.masks, trainer.told())
    finally:
        trainer.restore(before)


def _batches(trainer: Trainer) -> Iterator[torch.Tensor]:
    job = trainer.job
    order, ranks = Order(job), sharing(job, "data")
    for step in range(min(job.recipe.compress.recalibrate, job.steps_per_epoch)):
        x, _ = read(job, ranks.share(order.rows(step)))
        yield torch.from_numpy(x).to(trainer.device)
