"""A meter counts every sample, and changes no number."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch

from sc_deploy.compress.job import Job
from sc_deploy.compress.training.meter import Meter


def test_training_and_examination_are_counted_apart(make_job: Callable[..., Job]) -> None:
    meter = Meter()
    module = meter.attach(make_job()).factory(3)
    x = torch.zeros(5, 1, 8, 8)
    module.train()(x)
    module.eval()(x[:2])
    module(x[:2])
    assert (meter.trained, meter.examined) == (5, 4)


def test_a_copy_of_the_network_counts_into_the_same_meter(make_job: Callable[..., Job]) -> None:
    meter = Meter()
    copy.deepcopy(meter.attach(make_job()).factory(3)).eval()(torch.zeros(3, 1, 8, 8))
    assert meter.examined == 3


def test_counted_networks_answer_as_uncounted_ones(make_job: Callable[..., Job]) -> None:
    job = make_job()
    x = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    counted = Meter().attach(job).factory(3).eval()(x)
    assert torch.equal(counted, job.factory(3).eval()(x))
