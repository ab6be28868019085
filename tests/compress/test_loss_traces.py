"""Losses of single members while they are trained on."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from sc_deploy.compress.candidates import topology
from sc_deploy.compress.loss_traces import EXTRA, ROLES
from sc_deploy.compress.stage import compress, outputs
from sc_deploy.compress.training.order import Order
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.progress import Silent
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sc_deploy.compress.job import Job

CPU = torch.device("cpu")
ON = {"loss_traces": True}


def trained(job: Job, steps: int) -> Trainer:
    trainer = Trainer(job, topology.first_masks(job), CPU)
    with repeatable(CPU, threads=1):
        trainer.train_to(steps, Silent())
    return trainer


def test_each_member_that_was_presented_has_a_loss_in_its_epoch(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(compress=ON)
    steps = job.steps_per_epoch + 3
    loss = trained(job, steps).capture().extras[EXTRA].numpy()
    rows = job.roles.rows(*ROLES)
    assert loss.shape == (job.recipe.train.epochs, len(rows))
    order = Order(job)
    second = {int(row) for step in range(job.steps_per_epoch, steps) for row in order.rows(step)}
    assert np.isfinite(loss[1]).tolist() == [row in second for row in rows.tolist()]
    assert np.isnan(loss[2:]).all()


def test_the_loss_is_that_of_the_network_before_its_step(make_job: Callable[..., Job]) -> None:
    """The mean of a batch is the cross entropy that the step descends, undefended."""
    job = make_job(compress=ON)
    trainer = Trainer(job, topology.first_masks(job), CPU)
    with repeatable(CPU, threads=1):
        rows = Order(job).rows(0)
        trainer.module.train()
        batch = trainer._forward(rows)
        expected = torch.nn.functional.cross_entropy(
            batch.logits, batch.labels, reduction="none"
        ).detach()
        fresh = trained(job, 1)
    loss = fresh.capture().extras[EXTRA][0]
    place = {int(row): at for at, row in enumerate(job.roles.rows(*ROLES))}
    for number, row in enumerate(rows.tolist()):
        if row in place:
            assert float(loss[place[row]]) == pytest.approx(float(expected[number]), rel=1e-5)


def test_recording_changes_no_weight(make_job: Callable[..., Job]) -> None:
    plain, recorded = (
        trained(make_job(), 14).capture(),
        trained(make_job(compress=ON), 14).capture(),
    )
    for name, weight in plain.weights.items():
        assert torch.equal(weight, recorded.weights[name])
    assert EXTRA not in plain.extras


def test_training_in_two_pieces_records_what_training_in_one_does(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(compress=ON)
    whole, half = trained(job, 24), trained(job, 11)
    other = Trainer(job, {}, CPU)
    other.restore(half.capture())
    with repeatable(CPU, threads=1):
        other.train_to(24, Silent())
    first, second = (found.capture().extras[EXTRA].numpy() for found in (whole, other))
    np.testing.assert_array_equal(first, second)


def test_the_file_is_a_secret_under_the_manifest(
    make_job: Callable[..., Job], tmp_path: Path
) -> None:
    job, run = make_job(compress={**ON, "dense_baseline": False}), RunFolder(tmp_path)
    compress(job, run, resume=False, progress=Silent())
    assert stat.S_IMODE(run.loss_traces.stat().st_mode) == 0o600
    assert run.loss_traces in outputs(job, run)
    with np.load(run.loss_traces, allow_pickle=False) as archive:
        assert len(archive["sample_id"]) == archive["loss"].shape[1]
