"""Training with dead weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from sc_deploy.compress.candidates import topology
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Strategy
from sc_deploy.errors import CompressionError
from sc_deploy.progress import Silent
from sc_deploy.sparse.signals import Signals
from sc_deploy.sparse.update import Move, update

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import TrainingState

CPU = torch.device("cpu")


def trained(job: Job, steps: int) -> Trainer:
    trainer = Trainer(job, topology.first_masks(job), CPU)
    with repeatable(CPU, threads=1):
        trainer.train_to(steps, Silent())
    return trainer


def same(first: TrainingState, second: TrainingState) -> bool:
    parts = ("weights", "buffers", "moments", "masks", "average")
    return first.step == second.step and all(
        getattr(first, part).keys() == getattr(second, part).keys()
        and all(torch.equal(v, getattr(second, part)[k]) for k, v in getattr(first, part).items())
        for part in parts
    )


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_dead_weights_stay_exactly_zero(make_job: Callable[..., Job], optimizer: str) -> None:
    trainer = trained(make_job(train={"optimizer": optimizer, "learning_rate": 0.01}), 15)
    for name, mask in trainer.masks.items():
        assert not trainer.governed[name][~mask].any()
        assert trainer.governed[name][mask].all()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_training_in_two_pieces_equals_training_in_one(
    make_job: Callable[..., Job], optimizer: str
) -> None:
    job = make_job(train={"optimizer": optimizer})
    whole, half = trained(job, 24), trained(job, 11)
    other = Trainer(job, {}, CPU)
    other.restore(half.capture())
    with repeatable(CPU, threads=1):
        other.train_to(24, Silent())
    assert same(whole.capture(), other.capture())


def test_a_grown_weight_starts_at_zero_and_nothing_is_remembered_of_it(job: Job) -> None:
    trainer = trained(job, 12)
    old = trainer.masks
    weights = {name: weight.detach() for name, weight in trainer.governed.items()}
    move = Move(Strategy("magnitude", "random"), 0.5)
    trainer.move_to(update(weights, Signals(), old, move, torch.Generator().manual_seed(1)))
    for name, weight in trainer.governed.items():
        moved = trainer.masks[name] ^ old[name]
        momentum = trainer.optimizer.state[weight]["momentum_buffer"]
        assert not weight[moved].any()
        assert not momentum[moved].any()
        assert momentum[old[name] & trainer.masks[name]].any()
    assert any((trainer.masks[name] & ~old[name]).any() for name in old)


def test_with_adam_a_grown_weight_starts_with_a_step_count_of_its_own(
    make_job: Callable[..., Job],
) -> None:
    trainer = trained(make_job(train={"optimizer": "adam", "learning_rate": 0.01}), 12)
    old = trainer.masks["5.weight"]
    grown = torch.zeros_like(old).flatten()
    grown[(~old).flatten().nonzero()[:9]] = True
    trainer.move_to(trainer.masks | {"5.weight": old | grown.reshape(old.shape)})
    with repeatable(CPU, threads=1):
        trainer.train_to(15, Silent())
    age = trainer.optimizer.state[trainer.governed["5.weight"]]["age"]
    assert set(age[old].tolist()) == {15.0}
    assert set(age[grown.reshape(old.shape)].tolist()) == {3.0}


def test_looking_at_dense_gradients_leaves_no_trace(job: Job) -> None:
    trainer = trained(job, 5)
    before = trainer.capture()
    with repeatable(CPU, threads=1):
        gradients = trainer.dense_gradients()
    assert same(before, trainer.capture())
    mask = trainer.masks["5.weight"]
    assert gradients["5.weight"][~mask].any(), "dead weights have gradients too"


def test_nothing_random_is_left_behind(job: Job) -> None:
    before = torch.random.get_rng_state()
    trained(job, 3)
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_loss_that_is_no_number_is_named_with_step_epoch_and_remedy(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(train={"learning_rate": 1e30})
    with pytest.raises(CompressionError, match=r"step \d+ \(epoch 1\)") as failure:
        trained(job, 60)
    assert "train.learning_rate" in failure.value.remedy
