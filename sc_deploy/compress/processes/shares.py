"""How do shares of a batch in several processes become the gradient of the whole?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import nn

    from sc_deploy.compress.processes.ranks import Ranks


@torch.no_grad()
def whole(ranks: Ranks, module: nn.Module, loss: torch.Tensor, *, part: float) -> torch.Tensor:
    """Turn each weight's gradient into that of the whole batch; the loss of the whole batch.

    `part` in (0, 1] is the share of the batch that this process saw. A mean over samples is the
    mean of the shares' means, weighted by their sizes; what is no such mean is refused before
    training. All gradients travel together: one exchange a step.
    """
    if ranks.alone:
        return loss
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    reached = loss.new_tensor([float(weight.grad is not None) for weight in weights])
    parts = [torch.zeros_like(w) if w.grad is None else w.grad * part for w in weights]
    # Flat and in one piece, in the widest of their types.
    flat = torch.cat([(loss.detach() * part).reshape(1), reached, *(p.flatten() for p in parts)])
    ranks.add({"gradients": flat})
    head, *gradients = torch.split(flat, [1 + len(weights), *(w.numel() for w in weights)])
    for weight, anywhere, gradient in zip(weights, head[1:].tolist(), gradients, strict=True):
        # A weight that no process's share reached has no gradient, which is not a zero one: an
        # optimizer leaves it alone.
        weight.grad = gradient.view_as(weight).to(weight.dtype) if anywhere else None
    return head[0]
