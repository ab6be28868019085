"""How do samples come to the device, and how do they lie in memory there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from sc_deploy.compress.processes.ranks import ALONE
from sc_deploy.compress.processes.sharded import place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    from sc_deploy.compress.processes.ranks import Ranks
    from sc_deploy.recipe import CompressSection


@dataclass(frozen=True, slots=True)
class Transfer:
    """The way from arrays to a device. On CUDA it does not wait: memory is pinned for that."""

    device: torch.device
    channels_last: bool
    ranks: Ranks = ALONE

    def network(self, module: nn.Module) -> nn.Module:
        """The module on the device, its weights of four axes in the same memory format.

        Weights in shards are contiguous, whatever the samples are: FSDP2 takes no others.
        """
        found = place(module, self.device, self.ranks)
        if self.channels_last and not self.ranks.sharded:
            # Any overload of `to` that takes a memory format leaves the device alone.
            return found.to(memory_format=torch.channels_last)
        return found

    # Generic: samples are float32 or, for text, int64; labels are int64.
    def __call__(self, array: NDArray[np.generic]) -> torch.Tensor:
        tensor = torch.from_numpy(array)
        if self.device.type == "cuda":
            tensor = tensor.pin_memory().to(self.device, non_blocking=True)
        if self.channels_last and tensor.ndim == 4:
            return tensor.contiguous(memory_format=torch.channels_last)
        return tensor


def transfer(compress: CompressSection, device: torch.device, ranks: Ranks = ALONE) -> Transfer:
    """The recipe's way: `auto` is channels-last on CUDA and contiguous elsewhere."""
    asked = compress.memory_format
    channels_last = asked == "channels-last" or (asked == "auto" and device.type == "cuda")
    return Transfer(device, channels_last, ranks)
