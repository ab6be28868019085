"""Running statistics made anew."""

from __future__ import annotations

import torch
from torch import nn

from sc_deploy.compress.training.calibration import recalibrate


def test_statistics_are_those_of_the_batches_and_the_usual_momentum_is_kept() -> None:
    norm = nn.BatchNorm1d(2)
    batches = [torch.randn(8, 2, generator=torch.Generator().manual_seed(s)) for s in (1, 2)]
    norm(torch.full((4, 2), 9.0))
    recalibrate(norm, iter(batches))
    mean = torch.stack([batch.mean(0) for batch in batches]).mean(0)
    variance = torch.stack([batch.var(0) for batch in batches]).mean(0)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert torch.allclose(norm.running_mean, mean)
    assert torch.allclose(norm.running_var, variance)
    assert norm.momentum == 0.1
    assert not norm.training


def test_dropout_is_off_meanwhile() -> None:
    network = nn.Sequential(nn.Dropout(0.9), nn.BatchNorm1d(1))
    recalibrate(network, iter([torch.ones(4, 1)]))
    norm = network[1]
    assert isinstance(norm, nn.BatchNorm1d)
    assert norm.running_mean is not None
    assert norm.running_mean.item() == 1.0


def test_a_network_without_norms_reads_no_batch() -> None:
    unread = iter([torch.ones(1, 1)])
    recalibrate(nn.Linear(1, 1), unread)
    assert next(unread).shape == (1, 1)
