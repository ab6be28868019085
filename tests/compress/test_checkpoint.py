"""The compressed model on disk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch

from sc_deploy.compress import checkpoint
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.errors import IntegrityError

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import TrainingState

CPU = torch.device("cpu")


@pytest.fixture
def state(job: Job) -> TrainingState:
    return Trainer(job, topology.first_masks(job), CPU).capture()


@pytest.fixture
def origin(job: Job) -> checkpoint.Origin:
    return checkpoint.Origin(job.network, "a" * 64, "b" * 64)


def test_a_model_survives_the_round_trip(
    tmp_path: Path, job: Job, state: TrainingState, origin: checkpoint.Origin
) -> None:
    saved = checkpoint.save(tmp_path, state, origin)
    loaded = checkpoint.load_model(tmp_path, job.factory)
    assert loaded.digest == saved.digest
    assert not loaded.module.training
    for name, weight in loaded.module.named_parameters():
        assert torch.equal(weight, state.weights[name])


def test_density_is_exactly_the_one_asked_for(
    tmp_path: Path, job: Job, state: TrainingState, origin: checkpoint.Origin
) -> None:
    saved = checkpoint.save(tmp_path, state, origin)
    kept, size = sum(t.alive for t in saved.tensors), sum(t.size for t in saved.tensors)
    assert kept == round(job.recipe.sparse.density * size)
    assert saved.density == kept / size


def test_a_grown_weight_that_is_still_zero_counts_as_kept_and_not_as_nonzero(
    tmp_path: Path, state: TrainingState, origin: checkpoint.Origin
) -> None:
    before = checkpoint.save(tmp_path, state, origin)
    weight = state.weights["5.weight"].clone()
    weight.view(-1)[state.masks["5.weight"].flatten().nonzero()[0]] = 0.0
    grown = replace(state, weights={**state.weights, "5.weight": weight})
    after = checkpoint.save(tmp_path, grown, origin)
    assert after.density == before.density
    nonzero = [sum(t.nonzero for t in found.tensors) for found in (before, after)]
    assert nonzero[0] - nonzero[1] == 1


def test_a_value_where_the_mask_is_dead_is_refused(
    tmp_path: Path, state: TrainingState, origin: checkpoint.Origin
) -> None:
    dense = {name: torch.ones_like(weight) for name, weight in state.weights.items()}
    with pytest.raises(IntegrityError, match="does not keep to its masks") as refusal:
        checkpoint.save(tmp_path, replace(state, weights=dense), origin)
    assert "5.weight" in [problem.where for problem in refusal.value.problems]


@pytest.mark.parametrize("name", ["model.safetensors", "masks.safetensors"])
def test_one_flipped_byte_is_noticed(
    tmp_path: Path, state: TrainingState, origin: checkpoint.Origin, name: str
) -> None:
    checkpoint.save(tmp_path, state, origin)
    content = bytearray((tmp_path / name).read_bytes())
    content[-1] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IntegrityError, match="sha256 is"):
        checkpoint.load(tmp_path)


def test_another_network_cannot_take_the_weights(
    tmp_path: Path, state: TrainingState, origin: checkpoint.Origin
) -> None:
    checkpoint.save(tmp_path, state, origin)
    with pytest.raises(IntegrityError, match="other tensors than the network"):
        checkpoint.load_model(tmp_path, lambda seed: torch.nn.Linear(2, 2))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError):
        checkpoint.load(tmp_path)
