"""What do batch norms normalise by, where each process sees a share of the batch? By all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from sc_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.compress.processes.ranks import Ranks

KNOWN: Final = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


class JoinedBatchNorm(_BatchNorm):
    """A batch norm whose mean and variance in training are those of all processes' shares.

    What torch's SyncBatchNorm is for GPUs; that one refuses tensors on the CPU, so that nothing
    of it could be tested there. In eval mode it exchanges nothing, and is the norm it was.
    """

    def __init__(self, norm: _BatchNorm, ranks: Ranks) -> None:
        """`norm`'s own weights and statistics, not copies."""
        super().__init__(norm.num_features, norm.eps, norm.momentum, affine=False)
        self.affine, self.track_running_stats = norm.affine, norm.track_running_stats
        self.weight, self.bias = norm.weight, norm.bias
        self.running_mean, self.running_var = norm.running_mean, norm.running_var
        self.num_batches_tracked = norm.num_batches_tracked
        self.train(norm.training)
        self._ranks = ranks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, channels, ...] to the same; n is this process's share."""
        if not self.training:
            mean, variance, weight, bias = (
                self.running_mean, self.running_var, self.weight, self.bias,
            )  # fmt: skip
            alone = mean is None
            return functional.batch_norm(x, mean, variance, weight, bias, alone, eps=self.eps)
        values = x.to(torch.promote_types(x.dtype, torch.float32))
        axes, along = [0, *range(2, x.ndim)], (1, -1, *[1] * (x.ndim - 2))
        seen = values.new_tensor([x.numel() / self.num_features])
        sums = self._summed(torch.cat([values.sum(axes), seen]))
        count = sums[-1]
        mean = sums[:-1] / count
        # In a second exchange: the difference of two large sums would lose what matters.
        centred = values - mean.view(along)
        variance = self._summed(centred.square().sum(axes)) / count
        self._follow(mean.detach(), variance.detach() * count / (count - 1))
        found = centred * (variance + self.eps).rsqrt().view(along)
        if self.affine:
            found = found * self.weight.view(along) + self.bias.view(along)
        return found.to(x.dtype)

    def _summed(self, value: torch.Tensor) -> torch.Tensor:
        summed: torch.Tensor = _Sum.apply(value, self._ranks)
        return summed

    @torch.no_grad()
    def _follow(self, mean: torch.Tensor, variance: torch.Tensor) -> None:
        if self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None, "torch keeps all three or none"
        self.num_batches_tracked.add_(1)
        # No momentum is torch's word for the plain mean over all batches.
        share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(variance.to(self.running_var.dtype), share)


def join(module: nn.Module, ranks: Ranks) -> nn.Module:
    """The module with its batch norms joined; as it is for one process."""
    if ranks.alone:
        return module
    if type(module) in KNOWN:
        assert isinstance(module, _BatchNorm)
        return JoinedBatchNorm(module, ranks)
    for name, layer in module.named_children():
        setattr(module, name, join(layer, ranks))
    return module


def problems(module: nn.Module, instead: str) -> Iterator[Problem]:
    """Batch norms that cannot be joined: subclasses, which may compute what they like."""
    odd = {type(n).__name__ for n in module.modules() if isinstance(n, _BatchNorm)}
    if odd := odd - {known.__name__ for known in KNOWN}:
        yield Problem(
            "network",
            f"has batch norms of its own kind, of which each process would see a share: "
            f"{', '.join(sorted(odd))}",
            f"use torch's own batch norms, GroupNorm or LayerNorm, or {instead}",
        )


class _Sum(torch.autograd.Function):
    """The sum over processes; the gradient of a summand is the sum of the sum's gradients."""

    # Any: torch's own type of a context, and of `apply`.
    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, ranks: Ranks) -> torch.Tensor:
        ctx.ranks = ranks
        return _added(value, ranks)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        return _added(gradient, ctx.ranks), None


def _added(value: torch.Tensor, ranks: Ranks) -> torch.Tensor:
    total = value.detach().clone()
    ranks.add({"total": total})
    return total
