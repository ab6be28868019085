"""What are a network's running statistics, for the weights that it has now?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from sc_deploy.compress.quick_pooling import quick_pooling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


@torch.no_grad()
def recalibrate(module: nn.Module, batches: Iterator[torch.Tensor]) -> None:
    """Replace the running statistics of batch norms by their mean over these batches.

    After a mask update, or with averaged weights, the old ones belong to other weights. Nothing
    else of the network trains meanwhile: dropout is off. A network without batch norms is left
    as it is.
    """
    norms = [norm for norm in module.modules() if isinstance(norm, _BatchNorm)]
    norms = [norm for norm in norms if norm.track_running_stats]
    if not norms:
        return
    usual = [norm.momentum for norm in norms]
    module.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's word for the plain mean over all batches
        norm.train()
    with quick_pooling(module):
        for x in batches:
            module(x)
    module.eval()
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum
