"""Whether the simulated attacks see what a trained network gives away, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from sc_deploy.compress import search_reference
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.candidates.exam import examine
from sc_deploy.compress.safety import (
    CLASS_WISE_THRESHOLD,
    LOSS_THRESHOLD,
    NEURAL,
    NEURAL_PAPER,
    RMIA,
    WHITE_BOX,
)
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Role
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.job import Job

# Any: the types of fixtures live in conftest.py, which tests cannot import.

CPU = torch.device("cpu")


def all_searched(job: Job) -> Job:
    """The same job with 140 members and 110 non-members to search on, and none to audit."""
    role = job.roles.role.copy()
    role[job.roles.rows(Role.MEMBER_CALIBRATION, Role.MEMBER_AUDIT)] = 0
    role[job.roles.rows(Role.NON_MEMBER_AUDIT)] = list(Role).index(Role.NON_MEMBER_SEARCH)
    return replace(job, roles=replace(job.roles, role=role))


def test_an_untrained_network_leaks_nothing_and_an_overfitted_one_is_caught_by_every_test(
    job_of: Any, tmp_path: Path
) -> None:
    tests = (CLASS_WISE_THRESHOLD, LOSS_THRESHOLD, NEURAL, RMIA, WHITE_BOX, NEURAL_PAPER)
    job = all_searched(job_of(*tests, train={"epochs": 40, "weight_decay": 0.0}))
    taught = search_reference.reference_job(job)
    with repeatable(CPU, threads=1):
        path = search_reference.train_reference(
            taught, topology.first_masks(taught), tmp_path, CPU, Silent()
        )
        job = replace(job, background=search_reference.background(job, path, CPU))
        trainer = Trainer(job, {}, CPU)
        untrained = dict(examine(job, trainer.module).safety)
        trainer.train_to(job.steps, Silent())
        overfitted = dict(examine(job, trainer.module).safety)
    clean = [rate for name, rate in untrained.items() if name != "neural-paper"]
    assert all(rate.low <= 0.5 <= rate.high for rate in clean)
    assert {name for name, rate in overfitted.items() if rate.low > 0.5} == {t.name for t in tests}
