"""Which tensors of a network does a mask govern?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


def governed(module: nn.Module) -> dict[str, nn.Parameter]:
    """Weights of at least two dimensions, by name: convolutions, linear layers, embeddings.

    Biases and the scales of norms stay dense: they are few, and losing one silences a channel.
    """
    return {name: weight for name, weight in module.named_parameters() if weight.ndim >= 2}


def shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Shape of every governed tensor, by name."""
    return {name: tuple(weight.shape) for name, weight in governed(module).items()}
