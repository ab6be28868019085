"""Small networks to try a format on: sparse, with what exporters stumble over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import LoadedModel, NetworkSpec

if TYPE_CHECKING:
    import torch

    from sc_deploy.contracts.arrays import Float32

SAMPLES = 48
IMAGE = (1, 12, 12)
CLASSES = 10
DENSITY = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A network and samples float32 [n, ...] to export it with."""

    model: LoadedModel
    samples: Float32


def reference_cases() -> tuple[Case, ...]:
    """A residual convolutional network with batch norms and a linear one, at density 0.1."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        modules = {"residual": _residual(), "linear": _linear()}
        for module in modules.values():
            _give_statistics(module)
            _prune(module)
    return tuple(_case(name, module) for name, module in modules.items())


def untraceable() -> Case:
    """A network that branches on its data, which no exporter can follow."""
    from torch import nn

    class Branching(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1)[:, :CLASSES] if x.sum() > 0 else x.flatten(1)[:, -CLASSES:]

    return _case("untraceable", Branching())


def _case(name: str, module: torch.nn.Module) -> Case:
    samples = np.random.default_rng(0).random((SAMPLES, *IMAGE), dtype=np.float32)
    return Case(LoadedModel(module.eval(), NetworkSpec(name, IMAGE, CLASSES), "0" * 64), samples)


def _residual() -> torch.nn.Module:
    from torch import nn

    def unit(inputs: int, outputs: int, stride: int) -> nn.Module:
        conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs))

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.body = unit(1, 16, 1), unit(16, 32, 2)
            self.shortcut = nn.Sequential(nn.Conv2d(16, 32, 1, stride=2), nn.BatchNorm2d(32))
            self.head = nn.Linear(32, CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.stem(x).relu()
            x = (self.body(x) + self.shortcut(x)).relu()
            logits: torch.Tensor = self.head(x.mean(dim=(2, 3)))
            return logits

    return Residual()


def _linear() -> torch.nn.Module:
    from torch import nn

    return nn.Sequential(
        *(nn.Flatten(), nn.Linear(int(np.prod(IMAGE)), 64), nn.ReLU(), nn.Linear(64, CLASSES))
    )


def _give_statistics(module: torch.nn.Module) -> None:
    """Running means, variances and scales as after training, so that folding has to be right."""
    from torch import nn

    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2.0)
            nn.init.normal_(layer.weight, 1.0, 0.2)
            nn.init.normal_(layer.bias)


def _prune(module: torch.nn.Module) -> None:
    import torch

    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.ndim >= 2:
                parameter.mul_(torch.rand_like(parameter) < DENSITY)
