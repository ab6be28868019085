"""Max pooling done another way: equal values, and only where that is so."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from sc_deploy.compress.quick_pooling import quick_pooling


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("window", [2, 3])
@pytest.mark.parametrize("size", [(8, 8), (9, 7), (10, 11)])
def test_every_value_is_torchs_own(window: int, size: tuple[int, int]) -> None:
    pool = nn.MaxPool2d(window)
    network = nn.Sequential(nn.Conv2d(2, 5, 1), nn.ReLU(), pool)
    x = drawn(3, 2, *size)
    expected = network(x)
    with torch.inference_mode(), quick_pooling(network):
        assert "forward" in vars(pool)
        assert torch.equal(network(x), expected)


def test_what_is_not_a_number_stays_so() -> None:
    x = drawn(1, 1, 4, 4)
    x[0, 0, 3, 0] = torch.nan
    network = nn.Sequential(nn.PReLU(init=1.0), nn.MaxPool2d(2))
    with torch.no_grad(), quick_pooling(network):
        assert network(x).isnan().tolist() == [[[[False, False], [True, False]]]]


@pytest.mark.parametrize(
    "pool",
    [
        nn.MaxPool2d(3, stride=2),
        nn.MaxPool2d(2, padding=1),
        nn.MaxPool2d(2, dilation=2),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.MaxPool2d((2, 3)),
    ],
)
def test_other_windows_are_left_to_torch(pool: nn.MaxPool2d) -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1), pool)
    with quick_pooling(network):
        assert "forward" not in vars(pool)


def test_the_layer_is_torchs_again_afterwards_also_after_an_error() -> None:
    pool = nn.MaxPool2d(2)
    network = nn.Sequential(nn.Conv2d(1, 1, 1), pool)
    with pytest.raises(KeyError), quick_pooling(network):
        raise KeyError
    assert "forward" not in vars(pool)
