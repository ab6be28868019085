"""Which weights are alive, and how is that imposed on a network?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias

import torch

Tensors: TypeAlias = Mapping[str, torch.Tensor]
"""Tensors by the name of the weight they belong to."""

Masks: TypeAlias = Mapping[str, torch.Tensor]
"""Bool tensors shaped like the weights they govern; True is alive."""


def draw(
    shapes: Mapping[str, tuple[int, ...]], counts: Mapping[str, int], generator: torch.Generator
) -> dict[str, torch.Tensor]:
    """Masks with exactly `counts[name]` living weights each, every such set equally likely.

    The public code of MIA-SafeCompress draws each weight alone, so that its density is random.
    """
    masks = {}
    for name, shape in shapes.items():
        flat = torch.zeros(math.prod(shape), dtype=torch.bool)
        flat[torch.randperm(flat.numel(), generator=generator)[: counts[name]]] = True
        masks[name] = flat.reshape(shape)
    return masks


@torch.no_grad()
def impose(weights: Tensors, masks: Masks) -> None:
    """Set every dead weight to zero, in place."""
    for name, mask in masks.items():
        weights[name].masked_fill_(~mask, 0.0)


def density(masks: Masks) -> float:
    """Share of the governed weights that is alive; 1.0 where nothing is governed."""
    alive = sum(int(mask.sum()) for mask in masks.values())
    return alive / size if (size := sum(mask.numel() for mask in masks.values())) else 1.0
