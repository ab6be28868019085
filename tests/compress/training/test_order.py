"""Which samples a step sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.compress.training.order import Order
from sc_deploy.tasks import batches

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job


def rows_seen(job: Job, epoch: int) -> list[bytes]:
    order, first = Order(job), epoch * job.steps_per_epoch
    seen = [order.batch(step)[0] for step in range(first, first + job.steps_per_epoch)]
    return [row.tobytes() for row in np.concatenate(seen)]


def test_an_epoch_sees_every_member_once_and_nobody_else(job: Job) -> None:
    members = batches.read(job.task, job.roles.index[job.members])
    assert sorted(rows_seen(job, 0)) == sorted(row.tobytes() for row in members)


def test_every_epoch_has_an_order_of_its_own(job: Job) -> None:
    assert rows_seen(job, 0) != rows_seen(job, 1)


def test_a_batch_depends_on_its_step_alone(job: Job) -> None:
    wanderer = Order(job)
    for step in (31, 2, 45, 2):
        (x, y), (fresh_x, fresh_y) = wanderer.batch(step), Order(job).batch(step)
        assert np.array_equal(x, fresh_x)
        assert np.array_equal(y, fresh_y)


def test_samples_keep_their_labels(job: Job) -> None:
    x, y = Order(job).batch(17)
    everyone = batches.read(job.task, job.roles.index)
    for sample, label in zip(x, y, strict=True):
        row = next(r for r in job.members if np.array_equal(everyone[r], sample))
        assert job.roles.label[row] == label
