"""Models before export: how they are built, how sparse they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class TensorStat:
    """How many values of one weight tensor are not zero."""

    name: str
    shape: tuple[int, ...]
    nonzero: int
    size: int

    @property
    def density(self) -> float:
        return self.nonzero / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """All that is needed to build a network again: its registered name and its arguments.

    `input_shape` is without the batch dimension.
    """

    name: str
    input_shape: tuple[int, ...]
    classes: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A compressed model on disk: safetensors weights, network, masks, and what made them.

    `digest` is the sha256 of the weights file; `tensors` are the weights a mask governs.
    """

    digest: str
    network: NetworkSpec
    tensors: tuple[TensorStat, ...]
    recipe_digest: str
    roles_digest: str

    @property
    def density(self) -> float:
        return sum(t.nonzero for t in self.tensors) / max(1, sum(t.size for t in self.tensors))


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A network in eval mode on the CPU in float32, ready for an exporter.

    It maps float32 [N, *network.input_shape] to logits float32 [N, network.classes].
    """

    module: torch.nn.Module
    network: NetworkSpec
    digest: str
