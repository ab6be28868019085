"""What a seed does not govern was brought, whatever form it takes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from sc_deploy.networks import unseeded

TABLE = torch.linspace(0.0, 1.0, 7)


def seeded(seed: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 3))


def pair() -> tuple[nn.Sequential, nn.Sequential]:
    return seeded(1), seeded(2)


def test_what_torch_draws_is_nobodys() -> None:
    assert unseeded.names(*pair()) == []


def test_trained_weights_are_found_beside_drawn_ones() -> None:
    one, other = pair()
    other[0].load_state_dict(one[0].state_dict())
    assert unseeded.names(one, other) == ["0.weight", "0.bias"]


def test_the_scales_of_a_trained_norm_are_found() -> None:
    one, other = pair()
    for module in (one, other):
        module[1].load_state_dict({"weight": torch.arange(4.0)}, strict=False)
    assert unseeded.names(one, other) == ["1.weight"]


def test_statistics_of_samples_are_found_though_they_follow_the_seed() -> None:
    one, other = pair()
    for module in (one, other):
        module.train()(torch.randn(8, 1, 4, 4))
    found = unseeded.names(one, other)
    assert found == ["1.running_mean", "1.running_var", "1.num_batches_tracked"]


def test_weights_that_pose_as_buffers_or_attributes_are_found() -> None:
    one, other = pair()
    for module in (one, other):
        module.register_buffer("kept", TABLE.clone())
        module.register_buffer("unsaved", TABLE.clone(), persistent=False)
        module[2].hidden = TABLE.clone()
    assert unseeded.names(one, other) == ["kept", "unsaved", "2.hidden"]


def test_positions_and_plain_beginnings_are_let_through() -> None:
    one, other = pair()
    for module in (one, other):
        module.register_buffer("positions", torch.arange(9))
        module.register_buffer("identity", torch.eye(4))
        module[3].load_state_dict({"weight": torch.zeros(3, 16)}, strict=False)
    assert unseeded.names(one, other) == []


@pytest.mark.parametrize(
    "hide",
    [
        lambda trained: [trained],
        lambda trained: {"teacher": (trained,)},
        lambda trained: [trained.weight],
        lambda trained: trained.weight.detach().numpy(),
        lambda trained: [trained.weight.detach().numpy()],
        lambda trained: trained.weight.detach().to(torch.complex64),
        lambda trained: (trained.weight.detach() * 127).to(torch.int8),
    ],
)
def test_trained_weights_are_found_wherever_a_network_keeps_them(
    hide: Callable[[nn.Linear], object],
) -> None:
    trained = nn.Linear(3, 4)
    one, other = nn.Sequential(nn.Linear(3, 4)), nn.Sequential(nn.Linear(3, 4))
    one.kept = other.kept = hide(trained)  # type: ignore[assignment]
    found = unseeded.names(one, other)
    assert found
    assert all(name.startswith("kept") for name in found)


def test_settings_and_positions_in_lists_are_nobodys() -> None:
    one, other = nn.Sequential(nn.Linear(3, 4)), nn.Sequential(nn.Linear(3, 4))
    one.kept = other.kept = [3, "relu", torch.arange(9), np.arange(9)]  # type: ignore[assignment]
    one.holder = [one]  # type: ignore[assignment]
    assert unseeded.names(one, other) == []
