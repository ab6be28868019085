"""How many samples go through a job's network, in training and in examinations?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn

    from sc_deploy.compress.job import Job


@dataclass(slots=True)
class Meter:
    """Counts the samples of all forward passes of the networks that a metered job builds.

    `trained` are those in training mode, `examined` those in eval mode.
    """

    trained: int = 0
    examined: int = 0

    def attach(self, job: Job) -> Job:
        """The same job, its networks counted. Counting changes no number that they give."""

        # A closure, not a method: a copy of the network must count into the same meter.
        def count(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            if module.training:
                self.trained += len(inputs[0])
            else:
                self.examined += len(inputs[0])

        def build(seed: int) -> nn.Module:
            module = job.factory(seed)
            module.register_forward_pre_hook(count)
            return module

        return replace(job, factory=build)
