"""How does one network lie in shards over several processes?

By PyTorch's FSDP2, `fully_shard` (Zhao et al. 2023, "PyTorch FSDP", PVLDB 16(12), section 3): a
process holds its rows of every weight, with their gradients and what the optimizer remembers of
them, and a unit's weights are whole only while that unit computes.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import torch
from torch import nn

from sc_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from torch.distributed.tensor import DTensor

    from sc_deploy.compress.processes.ranks import Ranks

LISTS: Final = (nn.ModuleList, nn.ModuleDict)
CONTAINERS: Final = (nn.Sequential, *LISTS)
WHOLE: Final = "launch without --use_fsdp: then every process holds the whole network"


def place(module: nn.Module, device: torch.device, ranks: Ranks) -> nn.Module:
    """The module on the device: whole, or its shard where processes hold one network together.

    Then every process must call it with the others, whatever it is asked, and gradients are the
    sums over all of them. Only one unit at a time is whole on the device, here too.
    """
    if not ranks.sharded:
        return module.to(device)
    # They take a while to load, and one process needs neither.
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device.type, (ranks.count,))
    for unit in (*units(module), module):
        # Again after the forward pass, the outermost unit too: elsewhere weights are shards.
        sharded = fully_shard(unit, mesh=mesh, reshard_after_forward=True)
        sharded.set_gradient_divide_factor(1.0)
        # Else torch asks for NCCL's premultiplied sum, which gloo refuses.
        sharded.set_force_sum_reduction_for_comms(True)
    return module


def units(module: nn.Module) -> list[nn.Module]:
    """The blocks of a network whose weights come together one block at a time, inner ones first.

    They are what its containers hold. A layer that another one holds by name may be read by that
    one without being called, as attention does with its projections: it goes with its holder.
    """
    held = [
        child
        for layer in module.modules()
        if isinstance(layer, CONTAINERS)
        for child in layer.children()
        if not isinstance(child, LISTS) and next(child.parameters(), None) is not None
    ]
    return list(dict.fromkeys(held))[::-1]


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor; of shards all rows, on the CPU.

    All processes must ask for the same ones in the same order.
    """
    if not _lies_in_shards(tensor):
        return tensor
    gathered: torch.Tensor = tensor.full_tensor()
    return gathered.detach().cpu()


def whole_gradient(weight: torch.Tensor) -> torch.Tensor:
    """As `whole`, of a weight's gradient; zero where it has none."""
    return whole(torch.zeros_like(weight) if weight.grad is None else weight.grad)


def placed(value: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """A copy of a whole tensor that lies as `like`, of the same shape, does: in shards or not."""
    here = _rows(value, like).to(like.device, copy=True)
    if not _lies_in_shards(like):
        return here
    from torch.distributed.tensor import DTensor

    shape, stride = value.shape, value.contiguous().stride()
    return DTensor.from_local(here, like.device_mesh, like.placements, shape=shape, stride=stride)


@torch.no_grad()
def fill(into: torch.Tensor, value: torch.Tensor) -> None:
    """Put a whole tensor into one of the same shape, in shards or not."""
    here = into.to_local() if _lies_in_shards(into) else into
    here.copy_(_rows(value, into))


def problems(module: nn.Module) -> Iterator[Problem]:
    """What of a network cannot lie in shards."""
    named = dict(module.named_parameters())
    if scalars := [name for name, weight in named.items() if not weight.ndim]:
        found = f"has weights without rows to share: {', '.join(scalars)}"
        yield Problem("network", found, WHOLE)
    if len({weight.dtype for weight in named.values()}) > 1:
        yield Problem("network", "has weights of several types", WHOLE)
    owners: dict[int, set[int]] = {}
    for weight, unit in _owned(module, module, frozenset(map(id, units(module)))):
        owners.setdefault(id(weight), set()).add(id(unit))
    if tied := [name for name, weight in named.items() if len(owners[id(weight)]) > 1]:
        found = f"uses weights in several blocks: {', '.join(tied)}"
        yield Problem("network", found, WHOLE)


def _owned(
    layer: nn.Module, unit: nn.Module, all_units: frozenset[int]
) -> Iterator[tuple[nn.Parameter, nn.Module]]:
    """Every weight with the unit that it comes together with, as often as it is used."""
    unit = layer if id(layer) in all_units else unit
    for weight in layer.parameters(recurse=False):
        yield weight, unit
    for child in layer.children():
        yield from _owned(child, unit, all_units)


def _rows(value: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """The rows of a whole tensor that lie in this process: as many as FSDP gives it."""
    if not _lies_in_shards(like):
        return value
    each = -(-len(value) // like.device_mesh.size())
    first = like.device_mesh.get_local_rank() * each
    return value[first : first + each]


def _lies_in_shards(tensor: torch.Tensor) -> TypeGuard[DTensor]:
    # Where torch's module for them was never loaded, there are none.
    loaded = sys.modules.get("torch.distributed.tensor")
    return loaded is not None and isinstance(tensor, loaded.DTensor)
