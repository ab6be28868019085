"""What speaks against a job, before training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from torch import nn

from sc_deploy.compress.checks import require_trainable
from sc_deploy.compress.safety import CLASS_WISE_THRESHOLD
from sc_deploy.compress.training.surroundings import require_device
from sc_deploy.contracts import NetworkSpec, Role
from sc_deploy.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job


def problems(job: Job) -> list[str]:
    with pytest.raises(UsageError) as refusal:
        require_trainable(job)
    assert all(problem.remedy for problem in refusal.value.problems)
    return [problem.where for problem in refusal.value.problems]


def test_a_sound_job_passes(job: Job) -> None:
    require_trainable(job)


def test_every_problem_is_reported_at_once(make_job: Callable[..., Job]) -> None:
    job = make_job(
        train={"batch_size": 4096}, sparse={"density": 0.0005, "distribution": "uniform"}
    )
    job = replace(
        job,
        roles=replace(job.roles, label=job.roles.label + 1),
        safety_tests=(replace(CLASS_WISE_THRESHOLD, reads=frozenset({Role.MEMBER_AUDIT})),),
    )
    assert problems(job) == [
        "labels",
        "train.batch_size",
        "compress.safety_tests: class-wise-threshold",
        "sparse",
        "layer 0.weight",
        "layer 8.weight",
    ]


def test_a_run_without_any_competition_is_refused(make_job: Callable[..., Job]) -> None:
    assert problems(make_job(compress={"update_every": 50})) == ["compress.update_every"]


def test_growing_nothing_is_refused_unless_density_falls(make_job: Callable[..., Job]) -> None:
    pool = {"pool": {"drop": ("magnitude",), "grow": ("none",)}}
    assert problems(make_job(compress=pool)) == ["compress.pool.grow"]
    require_trainable(make_job(compress=pool, sparse={"schedule": {"shape": "cubic"}}))


def test_a_density_that_is_never_trained_at_is_refused(make_job: Callable[..., Job]) -> None:
    """Rounds fork at 20 and 40 of 60 steps, and the final density is due at 54."""
    schedule = {"schedule": {"shape": "one-shot", "end": 0.9}}
    assert problems(make_job(sparse=schedule)) == ["sparse.schedule.end"]


def test_a_loss_gap_without_search_samples_is_refused(make_job: Callable[..., Job]) -> None:
    job = make_job(compress={"pool": {"drop": ("loss-gap",)}})
    search = job.roles.rows(Role.NON_MEMBER_SEARCH)
    role = job.roles.role.copy()
    role[search] = list(Role).index(Role.TEST)
    found = problems(replace(job, roles=replace(job.roles, role=role), safety_tests=()))
    assert found == ["role non-member-search"]


def test_all_that_a_pattern_and_overrides_cannot_do_is_listed(
    make_job: Callable[..., Job],
) -> None:
    sparse = {"pattern": "2:4", "density": 0.5, "overrides": {"head.*": 1.0}}
    assert problems(make_job(sparse=sparse)) == [
        "sparse",
        "sparse.overrides: head.*",
        "layer 0.weight",
    ]


def test_roles_of_a_larger_data_set_are_refused(job: Job) -> None:
    roles = replace(job.roles, index=job.roles.index + 1)
    assert problems(replace(job, roles=roles)) == ["roles"]


def test_a_missing_role_is_named(job: Job) -> None:
    role = np.where(job.roles.rows(Role.VALIDATION)[0] <= np.arange(400), 9, job.roles.role)
    roles = replace(job.roles, role=role.astype(np.uint8))
    assert "role validation" in problems(replace(job, roles=roles))


@pytest.mark.parametrize(
    ("module", "found"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(64, 9)), "answers two samples with [2, 9]"),
        (nn.Sequential(nn.Flatten(), nn.Linear(65, 4)), "does not take an input of shape"),
    ],
)
def test_a_network_that_does_not_fit_is_refused(job: Job, module: nn.Module, found: str) -> None:
    with pytest.raises(UsageError) as refusal:
        require_trainable(replace(job, factory=lambda seed: module))
    assert found in refusal.value.problems[0].found


def test_samples_of_another_shape_are_refused(job: Job) -> None:
    wide = NetworkSpec("planted", (1, 9, 9), 4)
    module = nn.Sequential(nn.Flatten(), nn.Linear(81, 4))
    assert problems(replace(job, network=wide, factory=lambda seed: module)) == ["network"]


@dataclass(frozen=True, slots=True)
class NoCuda:
    def __call__(self) -> bool:
        return False


def test_an_absent_gpu_is_unavailable_and_not_a_usage_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", NoCuda())
    with pytest.raises(UnavailableError, match="no CUDA device"):
        require_device("cuda")
