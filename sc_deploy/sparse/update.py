"""Which weights does one update drop, and which does it grow in their place?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import torch

from sc_deploy.sparse import scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Strategy
    from sc_deploy.sparse.masks import Masks, Tensors


@dataclass(frozen=True, slots=True)
class Move:
    """One update: its drop and grow rule, and the share of living weights it moves, in (0, 1)."""

    strategy: Strategy
    fraction: float


class DropRule(Protocol):
    """How many living weights each layer drops. Which ones: always its smallest."""

    def __call__(self, weights: Tensors, masks: Masks, fraction: float, /) -> dict[str, int]: ...


class GrowRule(Protocol):
    """How much each weight of a layer is worth growing; only dead ones are looked at."""

    def __call__(self, gradient: torch.Tensor, generator: torch.Generator, /) -> torch.Tensor: ...


def drop_magnitude(_weights: Tensors, masks: Masks, fraction: float) -> dict[str, int]:
    """The same share of every layer, as SET and RigL do."""
    return {name: min(int(fraction * int(mask.sum())), _most(mask)) for name, mask in masks.items()}


def drop_threshold(weights: Tensors, masks: Masks, fraction: float) -> dict[str, int]:
    """The living weights below one magnitude threshold over all layers.

    The threshold is the `fraction` quantile of |w| over every layer that has room to move; so
    layers of small weights move more. The public code of MIA-SafeCompress uses the constant
    1e-3, which means nothing without the scale of the weights. Each layer still grows as many
    as it drops, so that no layer's density drifts, and keeps at least one old weight.
    """
    movable = [name for name in sorted(masks) if _most(masks[name])]
    if not movable:
        return dict.fromkeys(masks, 0)
    alive = [scores.magnitude(weights[name])[masks[name]] for name in movable]
    layer = torch.repeat_interleave(torch.tensor([len(values) for values in alive]))
    lowest = torch.sort(torch.cat(alive), stable=True).indices.cpu()
    falling = layer[lowest[: int(fraction * len(lowest))]]
    counts = torch.bincount(falling, minlength=len(movable)).tolist()
    wanted = dict(zip(movable, counts, strict=True))
    return {name: min(wanted.get(name, 0), _most(mask)) for name, mask in masks.items()}


def grow_gradient(gradient: torch.Tensor, _generator: torch.Generator) -> torch.Tensor:
    """Largest dense gradient first (RigL). MIA-SafeCompress's public code grows the smallest."""
    return scores.gradient(gradient)


def grow_random(gradient: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return scores.random(gradient, generator)


DROPS: Final[Mapping[str, DropRule]] = {"magnitude": drop_magnitude, "threshold": drop_threshold}
GROWS: Final[Mapping[str, GrowRule]] = {"gradient": grow_gradient, "random": grow_random}


def update(
    weights: Tensors, gradients: Tensors, masks: Masks, move: Move, generator: torch.Generator
) -> dict[str, torch.Tensor]:
    """The masks after one move; nothing is changed in place.

    Every layer keeps exactly as many living weights as before. What was dropped is never grown
    again in the same move, and equal scores go to the lower position, so equal inputs give equal
    masks, in whatever order the names come. `gradients` are dense: of dead weights too.

    Example: weights [5, 1, 0, 0], mask [1, 1, 0, 0], gradients [0, 0, 2, 9], fraction 1/2 give
    the mask [1, 0, 0, 1].
    """
    drops = DROPS[move.strategy.drop](weights, masks, move.fraction)
    grow = GROWS[move.strategy.grow]
    return {
        name: _move(masks[name], weights[name], grow(gradients[name], generator), drops[name])
        for name in sorted(masks)
    }


def _move(
    mask: torch.Tensor, weight: torch.Tensor, worth: torch.Tensor, count: int
) -> torch.Tensor:
    # Stable sorts, not topk: topk may return any of equal scores, and grown weights all are 0.
    alive, dead = mask.flatten().nonzero()[:, 0], (~mask).flatten().nonzero()[:, 0]
    keep_last = torch.sort(scores.magnitude(weight).flatten()[alive], stable=True).indices
    grow_first = torch.sort(worth.flatten()[dead], stable=True, descending=True).indices
    moved = mask.flatten().clone()
    moved[alive[keep_last[:count]]] = False
    moved[dead[grow_first[:count]]] = True
    return moved.reshape(mask.shape)


def _most(mask: torch.Tensor) -> int:
    """No more than there are dead weights to take the places, and one old weight stays."""
    alive = int(mask.sum())
    return max(0, min(mask.numel() - alive, alive - 1))
