"""What a network holds that its seed did not give it: weights that were trained elsewhere."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SIMPLE: Final = 2
"""Values of a weight that begins as zeros, ones or an identity."""
UNTRAINED: Final = {"running_mean": 0, "running_var": 1, "num_batches_tracked": 0}
"""Running statistics of a norm that has seen no sample."""
POSITIONS: Final = (
    torch.bool, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64
)  # fmt: skip
"""Types of tensors that say where, not how much. Eight bits are what quantized weights have."""
ARRAYS: Final = tuple(map(np.dtype, ("f2", "f4", "f8", "c8", "c16", "i1", "u1")))
"""Types of arrays that may be weights."""
TORCHS: Final = frozenset(vars(nn.Module()))
"""Attributes that every module has."""


def names(one: nn.Module, other: nn.Module) -> list[str]:
    """Names of what `one` and `other`, two seeds' instances of a network, can only have brought.

    Of all parameters, buffers, and mere attributes: tensors, arrays, and what lists and dicts hold
    of them and of networks. Those of numbers that may be weights, which are alike in both and no
    pattern of two values; and running statistics that are not those of the beginning. A table of
    real numbers counts too: nobody can tell it from trained weights. Whole numbers of more than
    eight bits do not: they are positions.
    """
    theirs = dict(_tensors(other))
    return [
        name
        for name, value in _tensors(one)
        if _has_seen_samples(name, value) or (name in theirs and _brought(value, theirs[name]))
    ]


def _tensors(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from _held("", module, set())


def _held(name: str, value: object, seen: set[int]) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors in an attribute, also of networks that a list keeps from being registered.

    What was `seen` is not entered again: a network may hold one that holds it.
    """
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, np.ndarray):
        if value.dtype.newbyteorder("=") in ARRAYS:
            yield name, torch.as_tensor(value.astype(value.dtype.newbyteorder("=")))
    elif isinstance(value, (nn.Module, list, tuple, dict)) and id(value) not in seen:
        seen.add(id(value))
        for key, each in _inside(value):
            yield from _held(f"{name}.{key}" if name else str(key), each, seen)


def _inside(
    value: nn.Module | list[object] | tuple[object, ...] | dict[object, object],
) -> Iterable[tuple[object, object]]:
    if isinstance(value, nn.Module):
        registered = (value._parameters, value._buffers, value._modules)
        kept = ((name, each) for name, each in vars(value).items() if name not in TORCHS)
        return itertools.chain(*(part.items() for part in registered), kept)
    return value.items() if isinstance(value, dict) else enumerate(value)


def _has_seen_samples(name: str, value: torch.Tensor) -> bool:
    start = UNTRAINED.get(name.rpartition(".")[2])
    return start is not None and bool((value != start).any())


def _brought(value: torch.Tensor, theirs: torch.Tensor) -> bool:
    if value.dtype in POSITIONS:
        return False
    mine = _numbers(value)
    return torch.unique(mine).numel() > SIMPLE and torch.equal(mine, _numbers(theirs))


def _numbers(value: torch.Tensor) -> torch.Tensor:
    """What the tensor stands for, as real numbers."""
    value = value.detach().cpu()
    plain = value.dequantize() if value.is_quantized else value
    return torch.view_as_real(plain) if plain.is_complex() else plain.float()
