"""What of a network in training is examined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from sc_deploy.compress import state
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.candidates.presented import presented
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job

CPU = torch.device("cpu")


def trained(job: Job, steps: int = 12) -> Trainer:
    trainer = Trainer(job, topology.first_masks(job), CPU)
    with repeatable(CPU, threads=1):
        trainer.train_to(steps, Silent())
    return trainer


def test_the_trainer_is_as_it_was_afterwards(job: Job) -> None:
    trainer = trained(job)
    before = state.encode(trainer.capture())
    with presented(trainer):
        assert state.encode(trainer.capture()) != before
    assert state.encode(trainer.capture()) == before


@pytest.mark.parametrize("average", ["ema", "polynomial"])
def test_averaged_weights_are_shown_and_dead_ones_are_zero_there_too(
    make_job: Callable[..., Job], average: str
) -> None:
    trainer = trained(make_job(compress={"average": average}))
    with presented(trainer) as shown:
        pass
    assert all(torch.equal(value, trainer.average[name]) for name, value in shown.weights.items())
    assert not any(shown.weights[name][~mask].any() for name, mask in shown.masks.items())
    assert not shown.moments
    assert shown.step == 12


def test_without_averaging_or_recalibration_the_network_is_shown_as_it_is(
    make_job: Callable[..., Job],
) -> None:
    trainer = trained(make_job(compress={"average": "none", "recalibrate": 0, "keep": "last"}))
    with presented(trainer) as shown:
        pass
    now = trainer.capture()
    for part in ("weights", "masks"):
        found, expected = getattr(shown, part), getattr(now, part)
        assert all(torch.equal(found[name], value) for name, value in expected.items())
