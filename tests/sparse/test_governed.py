"""Which tensors a mask governs."""

from __future__ import annotations

from torch import nn

from sc_deploy.sparse.governed import governed, shapes


def test_convolutions_and_linear_layers_are_governed_and_norms_and_biases_are_not() -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
    assert shapes(module) == {"0.weight": (2, 1, 3, 3), "3.weight": (3, 8)}
    assert governed(module)["3.weight"] is module[3].weight
