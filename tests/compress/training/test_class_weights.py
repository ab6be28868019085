"""Rare classes count as much as frequent ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from sc_deploy.compress.training.class_weights import class_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job

CPU = torch.device("cpu")


def test_all_classes_count_alike_unless_asked_otherwise(job: Job) -> None:
    assert class_weights(job, CPU) is None


def test_every_class_has_the_same_sum_of_weights(make_job: Callable[..., Job]) -> None:
    job = make_job(train={"class_weights": "balanced"})
    weight = class_weights(job, CPU)
    assert weight is not None
    count = np.bincount(job.roles.label[job.members], minlength=4)
    assert weight.dtype == torch.float32
    assert (weight.numpy() * count).tolist() == pytest.approx([len(job.members) / 4] * 4)


def test_a_class_without_members_has_no_weight(make_job: Callable[..., Job]) -> None:
    job = make_job(train={"class_weights": "balanced"})
    label = np.where(job.roles.label == 3, 0, job.roles.label)
    weight = class_weights(replace(job, roles=replace(job.roles, label=label)), CPU)
    assert weight is not None
    assert weight[3] == 0.0
    assert torch.isfinite(weight).all()
