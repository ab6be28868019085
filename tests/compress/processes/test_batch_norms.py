"""A joined batch norm against torch's own; test_ranks has two processes."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from sc_deploy.compress.processes.batch_norms import JoinedBatchNorm, join
from sc_deploy.compress.processes.ranks import ALONE, Ranks

NORMS = [
    (nn.BatchNorm1d(3), (5, 3)),
    (nn.BatchNorm1d(3, affine=False), (5, 3, 4)),
    (nn.BatchNorm2d(3, momentum=None), (5, 3, 4, 2)),
    (nn.BatchNorm2d(3, track_running_stats=False), (2, 3, 4, 2)),
    (nn.BatchNorm3d(3, eps=0.1, momentum=0.5), (2, 3, 4, 2, 2)),
]


@pytest.mark.parametrize(("norm", "shape"), NORMS)
def test_over_one_process_it_is_the_norm_it_was(
    norm: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d, shape: tuple[int, ...]
) -> None:
    theirs = deepcopy(norm).double()
    ours = JoinedBatchNorm(deepcopy(theirs), ALONE)
    stream = torch.Generator().manual_seed(1)
    for _ in range(3):
        drawn = torch.randn(shape, generator=stream, dtype=torch.float64) * 3 + 2
        push = torch.randn(shape, generator=stream, dtype=torch.float64)
        one, two = drawn.clone().requires_grad_(), drawn.clone().requires_grad_()
        a, b = ours(one), theirs(two)
        torch.testing.assert_close(a, b)
        torch.autograd.backward(a, push)
        torch.autograd.backward(b, push)
        torch.testing.assert_close(one.grad, two.grad)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value)
    torch.testing.assert_close(ours.eval()(drawn), theirs.eval()(drawn))


def test_a_network_keeps_its_names_and_its_very_weights() -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2)))
    before = dict(module.named_parameters())
    joined = join(module, Ranks(0, 2))
    assert isinstance(joined.get_submodule("1.0"), JoinedBatchNorm)
    assert all(before[name] is weight for name, weight in joined.named_parameters())


def test_one_process_keeps_its_norms() -> None:
    module = nn.Sequential(nn.BatchNorm1d(2))
    assert join(module, ALONE) is module
    assert type(module[0]) is nn.BatchNorm1d
