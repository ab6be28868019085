"""The dense training with every round kept is the dense compression, round by round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from sc_deploy.compress import checkpoint, stage, trajectory
from sc_deploy.compress.answers import predict
from sc_deploy.compress.candidates.exam import by_class, right
from sc_deploy.compress.job import Job
from sc_deploy.contracts import Role
from sc_deploy.errors import IntegrityError
from sc_deploy.progress import Silent
from sc_deploy.workspace import RunFolder


@pytest.fixture
def dense(make_job: Callable[..., Job]) -> Job:
    return make_job(sparse={"density": 1.0})


def test_the_last_stop_is_what_a_dense_compression_ends_with(
    make_job: Callable[..., Job], tmp_path: Path
) -> None:
    job = make_job(sparse={"density": 1.0}, compress={"keep": "last", "dense_baseline": False})
    found = trajectory.train(job, tmp_path / "states", Silent())
    run = RunFolder(tmp_path / "run")
    stage.compress(job, run, resume=False, progress=Silent())
    kept = dict(checkpoint.load_model(run.compressed, job.factory).module.named_parameters())
    last = trajectory.read(tmp_path / "states", found.stops[-1])
    assert last.step == job.steps
    assert all(torch.equal(weight, last.weights[name]) for name, weight in kept.items())


def test_there_is_a_stop_at_the_end_of_every_round(dense: Job, tmp_path: Path) -> None:
    found = trajectory.train(dense, tmp_path, Silent())
    assert [stop.state.step for stop in found.stops] == [25, 45, 60]
    assert trajectory.found(dense, tmp_path) == found


def test_stops_are_measured_by_the_accuracy_of_the_recipe(
    make_job: Callable[..., Job], tmp_path: Path
) -> None:
    """The same weights, counted sample by sample and class by class."""
    means = {}
    for metric in ("plain", "balanced"):
        job = make_job(sparse={"density": 1.0}, compress={"accuracy": metric})
        stop = trajectory.train(job, tmp_path / metric, Silent()).stops[-1]
        reached, model = trajectory.read(tmp_path / metric, stop), job.factory(0)
        model.load_state_dict({**reached.weights, **reached.buffers})
        answers = predict(model.eval(), job.task, job.roles, Role.VALIDATION)
        grades = right(answers) if metric == "plain" else [g.mean() for g in by_class(answers)]
        means[metric] = (stop.validation.value, float(np.mean(grades)))
    assert all(found == pytest.approx(slow) for found, slow in means.values())
    assert means["plain"][0] != means["balanced"][0]


def test_another_job_finds_nothing(
    dense: Job, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    trajectory.train(dense, tmp_path, Silent())
    other = make_job(sparse={"density": 1.0}, train={"epochs": 5})
    assert trajectory.found(other, tmp_path) is None


def test_a_changed_state_is_refused(dense: Job, tmp_path: Path) -> None:
    stop = trajectory.train(dense, tmp_path, Silent()).stops[0]
    path = tmp_path / stop.state.name
    path.write_bytes(path.read_bytes()[:-1] + b"\2")
    with pytest.raises(IntegrityError, match="missing or was changed"):
        trajectory.read(tmp_path, stop)
