from __future__ import annotations

import torch

from sc_deploy.networks.resnet import Block, ResNet20


def test_it_has_the_parameters_of_the_paper() -> None:
    # He et al. 2016, table 6: 0.27 M for 20 layers.
    counted = sum(parameter.numel() for parameter in ResNet20(3, 10).parameters())
    assert counted == 269_722


def test_it_has_twenty_layers_of_weights() -> None:
    layers = [
        module
        for module in ResNet20(3, 10).modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)
    ]
    assert len(layers) == 20


def test_any_channels_and_odd_sizes_fit() -> None:
    for shape in ((1, 8, 8), (3, 32, 32), (2, 9, 7)):
        assert ResNet20(shape[0], 5)(torch.zeros(2, *shape)).shape == (2, 5)


def test_a_block_whose_convolutions_are_zero_is_its_shortcut() -> None:
    block = Block(2, 4).eval()
    for parameter in block.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.arange(32.0).reshape(1, 2, 4, 4)
    found = block(x)
    torch.testing.assert_close(found[:, :2], x[:, :, ::2, ::2])
    assert not found[:, 2:].any()
