"""A batch on which training goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from sc_deploy.compress import state
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.training.order import Order
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.errors import CompressionError
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts.arrays import Float32, Int64

CPU = torch.device("cpu")
HUGE = np.float32(3e38)


@dataclass(frozen=True, slots=True, eq=False)
class Poisoned:
    """The planted task, some of whose samples are finite and too large for any network."""

    x: NDArray[np.generic]
    y: Int64
    name: str = "poisoned"
    classes: Sequence[str] = tuple("abcd")
    unit: None = None
    attribute: None = None

    def preprocess(self, x: NDArray[np.generic]) -> Float32:
        return np.asarray(x, np.float32)


class Listening(Silent):
    """Progress that keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def poisoned(job: Job, *steps: int) -> Job:
    """The job with the first sample of these steps' batches poisoned."""
    x = (job.task.x.astype(np.float32)[:, None] / 255.0 - 0.5) * 4.0
    order = Order(job)
    for step in steps:
        x[job.roles.index[order.rows(step)[0]]] = HUGE
    return replace(job, task=Poisoned(x, job.task.y))


def trained(job: Job, steps: int, progress: Listening | None = None) -> Trainer:
    trainer = Trainer(job, topology.first_masks(job), CPU)
    with repeatable(CPU, threads=1):
        trainer.train_to(steps, progress or Listening())
    return trainer


def test_a_bad_update_changes_no_weight_and_is_told_and_counted(job: Job) -> None:
    heard = Listening()
    before, after = trained(bad := poisoned(job, 4), 4), trained(bad, 5, heard)
    was, now = before.capture(), after.capture()
    for part in ("weights", "buffers", "moments"):
        mine, theirs = getattr(was, part), getattr(now, part)
        assert all(torch.equal(mine[name], theirs[name]) for name in mine), part
    assert (now.step, after.skips.total) == (5, 1)
    assert heard.said == [
        "step 5 (epoch 1): the loss or a gradient is not finite; the update was skipped"
    ]


def test_training_goes_on_after_it(job: Job) -> None:
    trainer = trained(poisoned(job, 1, 5), 9)
    assert (trainer.skips.total, trainer.skips.streak) == (2, 0)
    assert all(torch.isfinite(weight).all() for weight in trainer.module.state_dict().values())


def test_the_third_in_a_row_stops_and_names_the_batch_by_ids(job: Job) -> None:
    bad = poisoned(job, 1, 3, 4, 5)
    with pytest.raises(CompressionError, match=r"step 6 \(epoch 1\)") as failure:
        trained(bad, 9)
    ids = [bytes(row).hex()[:12] for row in bad.roles.sample_id[Order(bad).rows(5)[:4]]]
    assert all(found in failure.value.problems[0].found for found in ids)
    assert "train.learning_rate" in failure.value.remedy


def test_a_streak_survives_a_resume(job: Job) -> None:
    bad = poisoned(job, 3, 4, 5)
    half = trained(bad, 5)
    assert half.skips.streak == 2
    other = Trainer(bad, {}, CPU)
    other.restore(state.decode(state.encode(half.capture()), step=5))
    with pytest.raises(CompressionError, match=r"step 6 \(epoch 1\)"):
        other.train_to(6, Listening())


def test_a_candidates_look_at_gradients_never_meets_what_is_not_finite(job: Job) -> None:
    trainer = trained(poisoned(job, 2), 2)
    with repeatable(CPU, threads=1):
        gradients = trainer.dense_gradients()
    assert all(torch.isfinite(found).all() for found in gradients.values())
    assert trainer.skips.total == 0
