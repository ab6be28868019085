"""What choosing costs in forward passes, which no busy machine makes noisy (docs/cost.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from sc_deploy.compress import loop
from sc_deploy.compress.candidates import rounds, topology
from sc_deploy.compress.training.meter import Meter
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job

CPU = torch.device("cpu")


# Any: settings of a recipe as a test writes them.
def counted(make_job: Callable[..., Job], **compress: Any) -> tuple[Job, Meter]:
    """A search to the end, and the samples that went through its network."""
    meter = Meter()
    job = meter.attach(make_job(compress={"stop_early": 0, **compress}))
    with repeatable(CPU, threads=1):
        trainer = Trainer(job, topology.first_masks(job), CPU)
        loop.run(trainer, loop.begin(trainer.capture()), lambda _: None, Silent())
    return job, meter


def exam(job: Job) -> int:
    """Samples of one exam: the roles that it asks about, and what makes statistics anew."""
    compress, train = job.recipe.compress, job.recipe.train
    return len(job.roles.rows(*job.exam_roles)) + compress.recalibrate * train.batch_size


def test_a_round_of_four_candidates_makes_seven_exams_and_trains_losers_for_half_or_all_of_it(
    make_job: Callable[..., Job],
) -> None:
    """Four at half of the probation, then the better two and the incumbent."""
    job, meter = counted(make_job, probation=8)
    plan = rounds.plan(job)
    moving = [this for this in plan if this.fraction > 0]
    assert (len(plan), len(moving)) == (3, 2)
    assert meter.examined == (7 * len(moving) + len(plan) - len(moving)) * exam(job)
    # Of five networks that train, one is the path itself; and one batch shows the gradients.
    lost = 4 * 4 + 2 * 4 + 1
    assert meter.trained == (job.steps + lost * len(moving)) * job.recipe.train.batch_size


def test_without_halving_every_candidate_is_trained_and_examined_once_to_the_end(
    make_job: Callable[..., Job],
) -> None:
    job, meter = counted(make_job, probation=8, halving=False)
    moving = sum(this.fraction > 0 for this in rounds.plan(job))
    assert meter.examined == (5 * moving + len(rounds.plan(job)) - moving) * exam(job)
    assert meter.trained == (job.steps + (4 * 8 + 1) * moving) * job.recipe.train.batch_size


def test_several_attacks_cost_no_more_forward_passes_than_one(
    make_job: Callable[..., Job],
) -> None:
    """Logits are computed once an exam and shared."""
    job, one = counted(make_job)
    again = loop_with_tests(make_job, tests=3)
    assert (again.trained, again.examined) == (one.trained, one.examined)
    assert one.examined % exam(job) == 0


def loop_with_tests(make_job: Callable[..., Job], *, tests: int) -> Meter:
    # Any: as above.
    def several(**sections: Any) -> Job:
        job = make_job(**sections)
        return replace(job, safety_tests=job.safety_tests * tests)

    return counted(several)[1]
