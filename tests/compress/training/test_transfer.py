"""Samples on their way to the device."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from sc_deploy.compress.training.transfer import transfer
from sc_deploy.recipe import CompressSection

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
IMAGES = np.arange(2 * 3 * 4 * 4, dtype=np.float32).reshape(2, 3, 4, 4)


def test_auto_is_channels_last_on_cuda_alone() -> None:
    assert not transfer(CompressSection(), CPU).channels_last
    assert transfer(CompressSection(), CUDA).channels_last
    assert not transfer(CompressSection(memory_format="contiguous"), CUDA).channels_last


def test_channels_last_changes_where_values_lie_and_not_what_they_are() -> None:
    found = transfer(CompressSection(memory_format="channels-last"), CPU)
    images = found(IMAGES)
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert np.array_equal(images.numpy(), IMAGES)
    network = found.network(nn.Conv2d(3, 2, 3))
    weight = next(network.parameters())
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert found(np.array([1, 2])).tolist() == [1, 2]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_samples_arrive_whole_on_a_gpu() -> None:
    found = transfer(CompressSection(), CUDA)(IMAGES)
    assert found.device.type == "cuda"
    assert np.array_equal(found.cpu().numpy(), IMAGES)
