"""What will a study cost on this machine, from a few training steps?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.pipeline import locate
from sc_deploy.pipeline.jobs import job_of
from sc_deploy.progress import Silent
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job
    from sc_deploy.pipeline.study.arms import Arm
    from sc_deploy.pipeline.study.design import Design

WARM_UP: Final = 2
TIMED: Final = 8


@dataclass(frozen=True, slots=True)
class Estimate:
    """One arm over all seeds. `steps` is an upper bound: stopping early and halving save some.

    `seconds` is that of the steps alone, without examinations and audits.
    """

    arm: str
    models: int
    steps: int
    seconds: float


def estimate(asked: Design) -> tuple[Estimate, ...]:
    """Each arm's cost. Raises UnavailableError without torch."""
    locate.require_training()
    first = asked.problem(asked.arms[0], asked.seeds[0])
    roles = role_files.draw(first.task, first.recipe)
    jobs = [(arm, job_of(asked.problem(arm, asked.seeds[0]), roles)) for arm in asked.arms]
    pace = _pace(jobs[0][1])
    models = len(asked.seeds)
    return tuple(
        Estimate(arm.name, models, steps, round(steps * pace, 1))
        for arm, job in jobs
        for steps in [models * _steps(arm, job)]
    )


def _steps(arm: Arm, job: Job) -> int:
    """Training steps of one model, the probation of losers included."""
    from sc_deploy.compress.candidates import pool, rounds

    if arm.matched:
        return job.steps
    return sum(pool.steps(job, this) for this in rounds.plan(job))


def _pace(job: Job) -> float:
    """Seconds of a training step here, after a short warm-up."""
    from sc_deploy.compress.candidates.topology import first_masks
    from sc_deploy.compress.training.surroundings import repeatable, require_device
    from sc_deploy.compress.training.trainer import Trainer

    device = require_device(job.recipe.compress.device)
    with repeatable(device, threads=job.recipe.compress.threads):
        trainer = Trainer(job, first_masks(job), device)
        trainer.train_to(min(WARM_UP, job.steps), Silent())
        timed = min(WARM_UP + TIMED, job.steps)
        began, before = time.perf_counter(), trainer.step
        trainer.train_to(timed, Silent())
        return (time.perf_counter() - began) / max(1, trainer.step - before)
