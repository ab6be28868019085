"""What does the optimizer remember of weights that were dropped or grown?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.sparse.masks import Masks


@torch.no_grad()
def keep_survivors(
    optimizer: torch.optim.Optimizer,
    weights: Mapping[str, torch.Tensor],
    survivors: Masks,
) -> None:
    """Zero the optimizer state of every weight that was not alive before and after a move.

    Works on any state shaped like its weight: SGD's momentum_buffer, Adam's exp_avg and
    exp_avg_sq. Otherwise a weight that dies and returns would start with its old momentum.
    """
    for name, survives in survivors.items():
        for value in optimizer.state[weights[name]].values():
            if isinstance(value, torch.Tensor) and value.shape == survives.shape:
                value.masked_fill_(~survives, 0.0)
