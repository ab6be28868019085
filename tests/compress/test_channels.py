from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import nn

from sc_deploy.compress import channels, state
from sc_deploy.compress.candidates import rounds, signals, topology
from sc_deploy.compress.checks import require_trainable
from sc_deploy.compress.job import Job
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Strategy
from sc_deploy.errors import UsageError
from sc_deploy.progress import Silent
from sc_deploy.sparse import masks as masking
from sc_deploy.sparse.channels import groups

CPU = torch.device("cpu")
BY_GRADIENT = Strategy("magnitude", "gradient")
BY_LOT = Strategy("magnitude", "random")


@pytest.fixture
def job(make_job: Callable[..., Job]) -> Job:
    return make_job(sparse={"density": 0.3, "pattern": "channel"})


@pytest.fixture
def trainer(job: Job) -> Trainer:
    """After ten steps, before its first move."""
    found = Trainer(job, topology.first_masks(job), CPU)
    found.train_to(10, Silent())
    return found


def move(trainer: Trainer, strategy: Strategy) -> dict[str, torch.Tensor]:
    """The first round's move by this strategy, made; what was alive before, by group."""
    before = alive(trainer)
    this = rounds.plan(trainer.job)[0]
    with channels.exposed(trainer):
        seen = signals.collect(trainer, [strategy])
    trainer.move_to(topology.moved(trainer, seen, strategy, this))
    return before


def alive(trainer: Trainer) -> dict[str, torch.Tensor]:
    return groups.alive(channels.coupled(trainer.job).groups, trainer.masks)


def test_density_is_met_as_nearly_as_a_channel_allows(job: Job, trainer: Trainer) -> None:
    found = masking.density(trainer.masks)
    total = sum(mask.numel() for mask in trainer.masks.values() if mask.ndim >= 2)
    largest = max(
        groups.gather(group, trainer.governed).shape[1] for group in channels.coupled(job).groups
    )
    assert abs(found - 0.3) <= largest / total / 2


def test_first_masks_are_drawn_from_the_seed(job: Job, make_job: Callable[..., Job]) -> None:
    again = make_job(sparse={"density": 0.3, "pattern": "channel"})
    one, other = topology.first_masks(job), topology.first_masks(again)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_dead_channel_stays_at_zero_in_every_tensor(trainer: Trainer) -> None:
    move(trainer, BY_LOT)
    trainer.train_to(20, Silent())
    assert {"1.weight", "1.bias", "5.bias"} <= trainer.masks.keys()
    for name, mask in trainer.masks.items():
        assert not trainer.weights[name][~mask].any(), name


def test_a_grown_channel_learns(trainer: Trainer) -> None:
    before = move(trainer, BY_LOT)
    grown = alive(trainer)["5"] & ~before["5"]
    assert grown.any()
    assert not trainer.weights["8.weight"][:, grown].any()
    first = trainer.weights["5.weight"][grown].detach().clone()
    assert first.any()
    trainer.train_to(14, Silent())
    assert trainer.weights["8.weight"][:, grown].any()
    assert (trainer.weights["5.weight"][grown] != first).any()


def test_dead_channels_show_their_gradients_while_they_are_exposed(trainer: Trainer) -> None:
    dead = ~alive(trainer)["5"]
    assert not trainer.dense_gradients()["8.weight"][:, dead].any()
    with channels.exposed(trainer):
        assert trainer.dense_gradients()["8.weight"][:, dead].any()


def test_exposing_leaves_everything_as_it_was(trainer: Trainer) -> None:
    before = state.encode(trainer.capture())
    with channels.exposed(trainer):
        trainer.dense_gradients()
    assert state.encode(trainer.capture()) == before


def test_the_exposed_network_answers_as_before(trainer: Trainer) -> None:
    x = channels.example(trainer.job)
    answer = trainer.module.eval()(x)
    with channels.exposed(trainer):
        torch.testing.assert_close(trainer.module.eval()(x), answer)


def test_a_move_repeats_after_it_was_written_and_read(job: Job, trainer: Trainer) -> None:
    standing = trainer.capture()
    resumed = Trainer(job, topology.first_masks(job), CPU)
    resumed.restore(state.decode(state.encode(standing), step=standing.step))
    for one in (trainer, resumed):
        move(one, BY_GRADIENT)
        one.train_to(15, Silent())
    assert state.encode(trainer.capture()) == state.encode(resumed.capture())


def test_no_group_gains_channels_while_density_falls(make_job: Callable[..., Job]) -> None:
    falling = make_job(
        sparse={"density": 0.2, "pattern": "channel", "schedule": {"shape": "cubic", "end": 0.6}}
    )
    counts = [channels.allocate(falling, density) for density in (1.0, 0.7, 0.5, 0.3, 0.2)]
    for wider, narrower in itertools.pairwise(counts):
        assert all(narrower[name] <= wider[name] for name in wider)
    assert channels.allocate(falling, 1.0) == {"0": 8, "5": 32}


def test_a_layer_that_is_left_dense_keeps_its_channels(make_job: Callable[..., Job]) -> None:
    job = make_job(sparse={"density": 0.5, "pattern": "channel", "overrides": {"0.*": 1.0}})
    assert [group.name for group in channels.coupled(job).groups] == ["5"]
    assert topology.first_masks(job)["0.weight"].all()


def refused(job: Job) -> str:
    with pytest.raises(UsageError) as refusal:
        require_trainable(job)
    return str(refusal.value)


def test_everything_that_speaks_against_channels_is_told_at_once(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(
        sparse={"density": 0.001, "pattern": "channel", "overrides": {"5.*": 0.3}},
        compress={"pool": {"drop": ("magnitude",), "grow": ("momentum",)}},
    )
    told = refused(job)
    assert "sparse.density 0.001 cannot be met by whole channels" in told
    assert "names momentum" in told
    assert "sparse.overrides: 5.*" in told


def test_a_network_that_no_channel_can_leave_is_refused_before_training(
    make_job: Callable[..., Job],
) -> None:
    def single(seed: int) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 4))

    assert "no channel of this network can be cut" in refused(
        make_job(single, sparse={"density": 0.5, "pattern": "channel"})
    )
