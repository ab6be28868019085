from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from sc_deploy.compress import channels, checkpoint
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.job import Job
from sc_deploy.compress.narrowing import narrowed
from sc_deploy.compress.state import TrainingState
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Checkpoint, Width
from sc_deploy.errors import IntegrityError
from sc_deploy.progress import Silent
from sc_deploy.sparse import masks

CPU = torch.device("cpu")


@pytest.fixture
def job(make_job: Callable[..., Job]) -> Job:
    return make_job(sparse={"density": 0.3, "pattern": "channel"})


@pytest.fixture
def trainer(job: Job) -> Trainer:
    found = Trainer(job, topology.first_masks(job), CPU)
    found.train_to(12, Silent())
    return found


def saved(folder: Path, job: Job, state: TrainingState) -> Checkpoint:
    cut, network, uncut = narrowed(job, state)
    return checkpoint.save(folder, cut, checkpoint.Origin(network, "r", "s", uncut))


def test_the_stored_network_is_narrow_and_answers_as_the_trained_one(
    tmp_path: Path, job: Job, trainer: Trainer
) -> None:
    saved(tmp_path, job, trainer.capture())
    loaded = checkpoint.load_model(tmp_path, job.factory)
    x = torch.randn(16, 1, 8, 8, generator=torch.Generator().manual_seed(9))
    torch.testing.assert_close(loaded.module(x), trainer.module.eval()(x), rtol=1e-5, atol=1e-5)
    alive = {name: int(mask.sum()) for name, mask in trainer.masks.items()}
    kept = dict(loaded.module.named_parameters())
    assert {name: kept[name].numel() for name in alive} == alive
    assert kept["0.weight"].shape[0] < 8


def test_the_checkpoint_says_what_was_reached_and_from_what(
    tmp_path: Path, job: Job, trainer: Trainer
) -> None:
    found = saved(tmp_path, job, trainer.capture())
    governed = 8 * 9 + 32 * 128 + 4 * 32
    assert found.uncut == Width(governed + 8 + 8 + 32 + 4, governed)
    assert found.density == pytest.approx(masks.density(trainer.masks))
    assert all(tensor.kept == tensor.size for tensor in found.tensors)
    assert checkpoint.load(tmp_path) == found


def test_equal_states_give_equal_bytes(tmp_path: Path, job: Job, trainer: Trainer) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        saved(folder, job, trainer.capture())
    assert all(
        (one / name).read_bytes() == (other / name).read_bytes()
        for name in (checkpoint.WEIGHTS, checkpoint.MASKS, checkpoint.NETWORK)
    )


def test_other_patterns_are_left_alone(make_job: Callable[..., Job]) -> None:
    job = make_job()
    state = Trainer(job, topology.first_masks(job), CPU).capture()
    assert narrowed(job, state) == (state, job.network, None)


def test_positions_of_another_network_are_an_integrity_error(
    tmp_path: Path, job: Job, trainer: Trainer
) -> None:
    state, network, uncut = narrowed(job, trainer.capture())
    first, *rest = network.kept
    for wrong in (replace(first, layer="nowhere"), replace(first, positions=(99,))):
        other = replace(network, kept=(wrong, *rest))
        checkpoint.save(tmp_path, state, checkpoint.Origin(other, "r", "s", uncut))
        with pytest.raises(IntegrityError, match="other channels"):
            checkpoint.load_model(tmp_path, job.factory)


def test_a_job_is_traced_once(job: Job) -> None:
    assert channels.coupled(job) is channels.coupled(job)
