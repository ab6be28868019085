"""What do operators remember of every weight from step to step?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from sc_deploy.compress import state
from sc_deploy.compress.processes.sharded import placed
from sc_deploy.sparse.signals import Need

if TYPE_CHECKING:
    from sc_deploy.sparse.masks import Masks, Tensors

OWNER: Final = "traces"
MOMENTUM: Final = Need.MOMENTUM.value
FIRED: Final = Need.FIRED.value
DECAY: Final = 0.9
"""Of the mean of gradients: it remembers about ten steps, as SGD's usual momentum does."""


class Traces:
    """The mean of dense gradients and the weights that were ever alive; only what is needed.

    Nothing of it where the masks are empty. It is part of a training state, so that a resumed
    run grows what an unbroken one would.
    """

    def __init__(self, needs: frozenset[Need]) -> None:
        self._needs = needs
        self._momentum: dict[str, torch.Tensor] = {}
        self._fired: dict[str, torch.Tensor] = {}

    @property
    def momentum(self) -> Tensors:
        """Mean gradient by weight; zero where no step was taken yet."""
        return self._momentum

    @property
    def fired(self) -> Masks:
        return self._fired

    def moved(self, masks: Masks) -> None:
        """Take note of the weights that are alive now."""
        if Need.FIRED in self._needs:
            none = {name: torch.zeros_like(mask) for name, mask in masks.items()}
            self._fired = {n: self._fired.get(n, none[n]) | mask for n, mask in masks.items()}
        if Need.MOMENTUM in self._needs:
            for name, mask in masks.items():
                if name not in self._momentum:
                    self._momentum[name] = torch.zeros_like(mask, dtype=torch.float32)

    @torch.no_grad()
    def stepped(self, weights: Tensors) -> None:
        """Take note of the gradients of a step, before those of dead weights are cleared.

        What is not finite counts as zero.
        """
        for name, mean in self._momentum.items():
            if (gradient := weights[name].grad) is not None:
                mean.lerp_(gradient.to(mean.dtype).nan_to_num(0.0, 0.0, 0.0), 1 - DECAY)

    def capture(self) -> dict[str, torch.Tensor]:
        """Everything for a training state's extras, as `traces/<kind>/<weight>`, copied."""
        return state.copies(
            {f"{OWNER}/{MOMENTUM}/{name}": mean for name, mean in self._momentum.items()}
            | {f"{OWNER}/{FIRED}/{name}": fired for name, fired in self._fired.items()}
        )

    def restore(self, extras: Tensors, weights: Tensors) -> None:
        """Put back what `capture` gave, where the weights are; what belongs to others is left."""
        self._momentum = _named(extras, MOMENTUM, weights)
        self._fired = _named(extras, FIRED, weights)


def _named(extras: Tensors, kind: str, weights: Tensors) -> dict[str, torch.Tensor]:
    start = f"{OWNER}/{kind}/"
    return {
        (name := path.removeprefix(start)): placed(value, weights[name])
        for path, value in extras.items()
        if path.startswith(start)
    }
