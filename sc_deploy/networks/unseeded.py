"""What a network holds that its seed did not give it: weights that were trained elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

SIMPLE: Final = 2
"""Values of a weight that begins as zeros, ones or an identity."""
UNTRAINED: Final = {"running_mean": 0, "running_var": 1, "num_batches_tracked": 0}
"""Running statistics of a norm that has seen no sample."""


def names(one: nn.Module, other: nn.Module) -> list[str]:
    """Names of what `one` and `other`, two seeds' instances of a network, can only have brought.

    Of all parameters, buffers, and tensors that are mere attributes: those of real numbers that
    are alike in both and no pattern of two values, and running statistics that are not those of
    the beginning. A table of real numbers counts too: nobody can tell it from trained weights.
    """
    theirs = dict(_tensors(other))
    return [
        name
        for name, value in _tensors(one)
        if _has_seen_samples(name, value) or (name in theirs and _brought(value, theirs[name]))
    ]


def _tensors(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from module.named_parameters()
    yield from module.named_buffers()
    for path, part in module.named_modules():
        for name, value in vars(part).items():
            if isinstance(value, torch.Tensor):
                yield f"{path}.{name}" if path else name, value


def _has_seen_samples(name: str, value: torch.Tensor) -> bool:
    start = UNTRAINED.get(name.rpartition(".")[2])
    return start is not None and bool((value != start).any())


def _brought(value: torch.Tensor, theirs: torch.Tensor) -> bool:
    return (
        value.is_floating_point()
        and torch.unique(value.detach()).numel() > SIMPLE
        and torch.equal(value.cpu(), theirs.cpu())
    )
