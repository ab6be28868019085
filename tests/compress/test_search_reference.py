"""The model that candidates are held against."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from sc_deploy import digest, workspace
from sc_deploy.compress import search_reference, stage, state
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.safety import RMIA
from sc_deploy.compress.search_reference import ReferenceRecord
from sc_deploy.compress.stage import compress
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.contracts import Role
from sc_deploy.progress import Silent
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sc_deploy.compress.job import Job

CPU = torch.device("cpu")
TAUGHT = (Role.MEMBER_REFERENCE, Role.NON_MEMBER_REFERENCE)


@pytest.fixture
def asked(make_job: Callable[..., Job]) -> Job:
    """The planted job under RMIA; what was *test* is *reference*, 50 non-members."""
    job = make_job()
    role = job.roles.role.copy()
    role[job.roles.rows(Role.TEST)] = list(Role).index(Role.NON_MEMBER_REFERENCE)
    return replace(job, roles=replace(job.roles, role=role), safety_tests=(RMIA,))


def train(job: Job, folder: Path) -> Path:
    taught = search_reference.reference_job(job)
    masks = topology.first_masks(taught)
    with repeatable(CPU, threads=1):
        return search_reference.train_reference(taught, masks, folder, CPU, Silent())


def test_it_learns_from_the_reference_samples_and_from_no_other(asked: Job) -> None:
    taught = search_reference.reference_job(asked)
    learned = set(taught.roles.index[taught.members].tolist())
    assert learned == set(asked.roles.index[asked.roles.rows(*TAUGHT)].tolist())
    others = [role for role in Role if role not in TAUGHT]
    assert not learned & set(asked.roles.index[asked.roles.rows(*others)].tolist())
    assert taught.recipe.seed != asked.recipe.seed
    assert taught.steps == 6 * (70 // 16)


def test_it_fits_its_own_samples_and_no_topology_is_selected(asked: Job, tmp_path: Path) -> None:
    job = replace(
        asked,
        recipe=asked.recipe.model_copy(
            update={"train": asked.recipe.train.model_copy(update={"epochs": 40})}
        ),
    )
    found = search_reference.background(job, train(job, tmp_path), CPU)
    assert set(found.reference) == RMIA.reads
    assert {len(logits) for logits in found.reference.values()} == {60}
    taught = search_reference.background(
        replace(job, safety_tests=(replace(RMIA, reads=frozenset(TAUGHT)),)),
        tmp_path / "reference.safetensors",
        CPU,
    ).reference[Role.NON_MEMBER_REFERENCE]
    labels = job.roles.label[job.roles.rows(Role.NON_MEMBER_REFERENCE)]
    assert np.mean(taught.argmax(axis=1) == labels) > 0.85


def test_one_that_is_there_is_not_trained_again(asked: Job, tmp_path: Path) -> None:
    path = train(asked, tmp_path)
    before = path.stat().st_mtime_ns
    assert train(asked, tmp_path).stat().st_mtime_ns == before
    path.unlink()
    again = digest.of_file(train(asked, tmp_path))
    assert again == digest.of_file(train(asked, tmp_path))


def test_a_run_under_rmia_records_its_reference_and_ends_the_same_when_resumed(
    asked: Job, tmp_path: Path
) -> None:
    class StopAfterError(Exception):
        pass

    class Stop(Silent):
        left = 30

        def advance(self, done: int = 1, *, note: str = "") -> None:
            self.left -= done
            if self.left < 0:
                raise StopAfterError

    job = replace(
        asked,
        recipe=asked.recipe.model_copy(
            update={"compress": asked.recipe.compress.model_copy(update={"dense_baseline": False})}
        ),
    )
    whole, broken = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "broken")
    compress(job, whole, resume=False, progress=Silent())
    with pytest.raises(StopAfterError):
        compress(job, broken, resume=False, progress=Stop())
    compress(job, broken, resume=True, progress=Silent())
    for name in ("history.jsonl", "model.safetensors", "reference.json"):
        assert (whole.compressed / name).read_bytes() == (broken.compressed / name).read_bytes()
    record = workspace.read_document(whole.reference, ReferenceRecord)
    assert (record.samples, record.steps) == (70, 24)
    assert whole.reference in stage.outputs(job, whole)
    assert not (whole.root / "state").exists()


def test_it_is_defended_alike_but_by_no_one_who_knows_the_members(asked: Job) -> None:
    names = ("label-smoothing", "adversarial-regularisation", "distillation")
    settings = asked.recipe.model_dump() | {"defence": tuple({"name": n} for n in names)}
    job = replace(asked, recipe=type(asked.recipe).model_validate(settings))
    taught = search_reference.reference_job(job)
    assert [found.name for found in taught.recipe.defence] == ["label-smoothing"]


def test_where_statistics_are_not_recalibrated_it_keeps_its_own(asked: Job, tmp_path: Path) -> None:
    settings = {"recalibrate": 0, "average": "none"}
    compress_section = asked.recipe.compress.model_copy(update=settings)
    job = replace(asked, recipe=asked.recipe.model_copy(update={"compress": compress_section}))
    found = state.decode(train(job, tmp_path).read_bytes(), step=0)
    assert bool(found.buffers["1.running_mean"].any())
