from __future__ import annotations

import torch

from sc_deploy.networks.small_cnn import SmallCnn


def parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_its_parameters_are_counted_by_hand() -> None:
    convolutions = 16 * 9 + 32 * 16 * 9
    norms = 2 * 16 + 2 * 32
    linear = (32 * 7 * 7 + 1) * 128 + (128 + 1) * 10
    assert parameters(SmallCnn((1, 28, 28), 10)) == convolutions + norms + linear == 206_970


def test_images_of_odd_and_small_sizes_fit() -> None:
    for shape in ((1, 8, 8), (3, 5, 7), (2, 4, 4)):
        assert SmallCnn(shape, 4)(torch.zeros(3, *shape)).shape == (3, 4)


def test_width_multiplies_every_layer() -> None:
    wide = SmallCnn((1, 8, 8), 10, width=4)
    shapes = [tuple(p.shape) for name, p in wide.named_parameters() if p.ndim > 1]
    assert shapes == [(64, 1, 3, 3), (128, 64, 3, 3), (512, 128 * 4), (10, 512)]
