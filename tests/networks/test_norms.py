"""Group norms: as many parameters, and no sample that another one changes."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from sc_deploy.contracts import NetworkSpec
from sc_deploy.errors import UsageError
from sc_deploy.networks.build import build
from sc_deploy.networks.norms import group_normed
from sc_deploy.networks.options import resolved

NAMES = (
    "small-cnn", "wide-cnn", "resnet-20", "resnet-18", "vgg-16-bn", "alexnet",
    "torchvision/resnet18", "torchvision/mobilenet_v2",
)  # fmt: skip


def built(name: str, norm: str) -> nn.Module:
    options = resolved(name, {"norm": norm}, {})
    return build(NetworkSpec(name, (3, 32, 32), 10, options=options), seed=0)


@pytest.mark.parametrize("name", NAMES)
def test_every_network_for_images_comes_with_either_norm_and_as_many_parameters(name: str) -> None:
    batch, group = built(name, "batch"), built(name, "group")
    assert any(isinstance(layer, _BatchNorm) for layer in batch.modules())
    assert not any(isinstance(layer, _BatchNorm) for layer in group.modules())
    assert [p.shape for p in batch.parameters()] == [p.shape for p in group.parameters()]


@pytest.mark.parametrize("name", ["small-cnn", "resnet-20", "alexnet"])
def test_a_sample_is_answered_alike_alone_and_in_a_batch_of_others_in_training(name: str) -> None:
    module = built(name, "group").train()
    for layer in module.modules():
        if isinstance(layer, nn.Dropout):
            layer.eval()
    x = torch.randn(5, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(module(x)[:1], module(x[:1]), atol=1e-5)
    assert not torch.allclose(built(name, "batch").train()(x)[:1], module(x[:1]), atol=1e-2)


def test_weights_do_not_depend_on_the_norm() -> None:
    batch, group = built("resnet-20", "batch"), built("resnet-20", "group")
    pairs = zip(batch.parameters(), group.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize(
    ("channels", "groups"),
    [(1, 1), (2, 1), (7, 1), (9, 1), (10, 2), (16, 4), (64, 16), (128, 32), (1024, 32)],
)
def test_a_group_has_at_least_four_channels_where_it_can(channels: int, groups: int) -> None:
    norm = group_normed(nn.BatchNorm2d(channels))
    assert isinstance(norm, nn.GroupNorm)
    assert norm.num_groups == groups


def test_an_unknown_norm_is_refused() -> None:
    with pytest.raises(UsageError, match=r"norm"):
        resolved("small-cnn", {"norm": "layer"}, {})
