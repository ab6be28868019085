"""Whether the simulated attack sees what was planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from sc_deploy.compress.exam import examine
from sc_deploy.compress.surroundings import repeatable
from sc_deploy.compress.trainer import Trainer
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts import Rate

CPU = torch.device("cpu")


def attack_accuracy(job: Job, steps: int) -> Rate:
    trainer = Trainer(job, {}, CPU)
    with repeatable(CPU, threads=1):
        trainer.train_to(steps, Silent())
        ((name, rate),) = examine(job, trainer.module).safety
    assert name == "class-wise-threshold"
    return rate


def test_an_untrained_network_leaks_nothing_and_an_overfitted_one_is_caught(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(train={"epochs": 40, "weight_decay": 0.0})
    untrained, overfitted = attack_accuracy(job, 0), attack_accuracy(job, job.steps)
    assert untrained.low <= 0.5 <= untrained.high
    assert overfitted.low > 0.6
