"""How do shares of a batch in several processes become the gradient of the whole?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import nn

    from sc_deploy.compress.processes.ranks import Ranks


def descend(ranks: Ranks, module: nn.Module, loss: torch.Tensor, *, part: float) -> torch.Tensor:
    """Fill each weight's gradient with that of the whole batch; the loss of the whole batch.

    `loss` is that of the share which this process saw, `part` in (0, 1] of the batch. A mean over
    samples is the mean of the shares' means, weighted by their sizes; what is no such mean is
    refused before training.
    """
    if ranks.alone:
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        return loss
    mine = loss * part
    # Weighted before: on the way back, norms and shards of weights meet those of other processes.
    mine.backward()  # type: ignore[no-untyped-call]
    if ranks.sharded:
        total = mine.detach().clone()
        ranks.add({"loss": total})
        return total
    return _exchanged(ranks, module, mine.detach())


@torch.no_grad()
def _exchanged(ranks: Ranks, module: nn.Module, mine: torch.Tensor) -> torch.Tensor:
    """Sum the processes' gradients and losses, which travel together: one exchange a step."""
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    reached = mine.new_tensor([float(weight.grad is not None) for weight in weights])
    parts = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
    # Flat and in one piece, in the widest of their types.
    flat = torch.cat([mine.reshape(1), reached, *(p.flatten() for p in parts)])
    ranks.add({"gradients": flat})
    head, *gradients = torch.split(flat, [1 + len(weights), *(w.numel() for w in weights)])
    for weight, anywhere, gradient in zip(weights, head[1:].tolist(), gradients, strict=True):
        # A weight that no process's share reached has no gradient, which is not a zero one: an
        # optimizer leaves it alone.
        weight.grad = gradient.view_as(weight).to(weight.dtype) if anywhere else None
    return head[0]
