"""What a run says of its training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from sc_deploy import workspace
from sc_deploy.compress import checkpoint, record, stage
from sc_deploy.compress.record import TrainingRecord
from sc_deploy.compress.stage import compress
from sc_deploy.compress.training.teacher import teacher
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.progress import Silent
from sc_deploy.recipe import Recipe
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.job import Job

CPU = torch.device("cpu")


def distilling(job: Job) -> Job:
    settings = job.recipe.model_dump() | {"defence": ({"name": "distillation"}, {"name": "ppb"})}
    return replace(job, recipe=Recipe.model_validate(settings))


def test_a_run_with_a_teacher_records_its_defences(tmp_path: Path, job: Job) -> None:
    run = RunFolder(tmp_path)
    compress(distilling(job), run, resume=False, progress=Silent())
    found = workspace.read_document(run.training, TrainingRecord)
    assert found.defences == ("distillation", "ppb")
    assert (found.skipped_updates, found.canaries, found.privacy) == (0, 0, None)
    assert 0 < found.steps <= job.steps
    assert run.training in stage.outputs(job, run)
    assert run.training.name == record.FILE


def test_the_teacher_is_the_dense_baseline_of_this_run(tmp_path: Path, job: Job) -> None:
    trainer = Trainer(job, {}, CPU)
    trainer.train_to(3, Silent())
    (tmp_path / checkpoint.DENSE).write_bytes(checkpoint.weights_of(trainer.capture()))
    assert teacher(job, tmp_path, CPU) is None
    found = teacher(distilling(job), tmp_path, CPU)
    assert found is not None
    mine, theirs = trainer.module.state_dict(), found.state_dict()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
