"""Everything that training continues from, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

import safetensors
import safetensors.torch
import torch

from sc_deploy.compress.processes import sharded
from sc_deploy.errors import IntegrityError

if TYPE_CHECKING:
    from torch import nn

Tensors: TypeAlias = Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingState:
    """A network in the middle of training, on the CPU. Nothing in it is shared with a module.

    `step` counts finished steps; `weights` and `buffers` are by name; `moments` are the
    optimizer's, as `<key>/<weight name>`; `masks` are bool, and empty in dense training;
    `average` is that of the weights, and empty where none is kept. `extras` are what else is
    carried along, as `<owner>/<name>`: an attacker that learns with the network, the count of
    skipped updates.
    """

    step: int
    weights: Tensors
    buffers: Tensors
    moments: Tensors
    masks: Tensors
    average: Tensors
    extras: Tensors = field(default_factory=dict)


PARTS = ("weights", "buffers", "moments", "masks", "average", "extras")


def bare(step: int, module: nn.Module, masks: Tensors, extras: Tensors) -> TrainingState:
    """A copy of a network that nobody trains on: no moments, no average."""
    return TrainingState(
        step=step,
        weights=copies(dict(module.named_parameters())),
        buffers=copies(dict(module.named_buffers())),
        moments={},
        masks=copies(masks),
        average={},
        extras=copies(extras),
    )


@torch.no_grad()
def load(module: nn.Module, weights: Tensors) -> None:
    """Put these weights into the module; those that are not named stay."""
    _fill(dict(module.named_parameters()), weights)


def capture(
    step: int,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    masks: Tensors,
    average: Tensors,
) -> TrainingState:
    """A copy of where training stands."""
    parameters = dict(module.named_parameters())
    return TrainingState(
        step=step,
        weights=copies(parameters),
        buffers=copies(dict(module.named_buffers())),
        moments=copies(
            {
                f"{key}/{name}": value
                for name, weight in parameters.items()
                for key, value in optimizer.state.get(weight, {}).items()
                if isinstance(value, torch.Tensor)
            }
        ),
        masks=copies(masks),
        average=copies(average),
    )


@torch.no_grad()
def restore(
    state: TrainingState, module: nn.Module, optimizer: torch.optim.Optimizer | None = None
) -> None:
    """Put a state into a module and its optimizer. Masks and average are the caller's to keep."""
    parameters = dict(module.named_parameters())
    _fill(parameters, state.weights)
    _fill(dict(module.named_buffers()), state.buffers)
    if optimizer is None:
        return
    optimizer.state.clear()
    for path, value in state.moments.items():
        key, name = path.split("/", 1)
        weight = parameters[name]
        # Adam keeps its step count, a scalar, on the CPU.
        like = weight if value.shape == weight.shape else value
        optimizer.state[weight][key] = sharded.placed(value, like)


def encode_part(state: TrainingState, part: str) -> bytes:
    """One of `PARTS` as safetensors. Equal parts give equal bytes."""
    tensors: Tensors = getattr(state, part)
    return safetensors.torch.save(dict(tensors))


def encode(state: TrainingState) -> bytes:
    """The tensors as safetensors; the step is not among them. Equal states give equal bytes."""
    return safetensors.torch.save(
        {f"{part}/{name}": value for part in PARTS for name, value in getattr(state, part).items()}
    )


def decode(content: bytes, *, step: int) -> TrainingState:
    """The state behind `encode`'s bytes. Raises IntegrityError if they are not such."""
    parts: dict[str, dict[str, torch.Tensor]] = {part: {} for part in PARTS}
    try:
        # safetensors gives them in another order each time, and processes that gather shards
        # must all come to them in the same.
        for path, value in sorted(safetensors.torch.load(content).items(), key=itemgetter(0)):
            part, name = path.split("/", 1)
            parts[part][name] = value
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise IntegrityError(
            f"a saved training state cannot be read: {error}",
            remedy="start again with --overwrite",
        ) from error
    return TrainingState(step=step, **parts)


def copies(tensors: Tensors) -> dict[str, torch.Tensor]:
    """The tensors on the CPU, shared with nobody; of those in shards all rows."""
    return {
        name: sharded.whole(value.detach()).to("cpu", copy=True).contiguous()
        for name, value in tensors.items()
    }


def _fill(into: Tensors, values: Tensors) -> None:
    for name, value in values.items():
        sharded.fill(into[name], value)
