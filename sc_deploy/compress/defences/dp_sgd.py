"""DP-SGD: gradients of single samples are clipped, summed, and hidden in noise."""

from __future__ import annotations

import hashlib
import secrets
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import numpy as np
import torch

from sc_deploy.compress.defences import budget
from sc_deploy.compress.job import key as job_key
from sc_deploy.compress.randomness import derive_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.recipe.defence import DpSgd
    from sc_deploy.sparse.masks import Masks


@contextmanager
def quiet_hooks() -> Iterator[None]:
    """Without torch's remark that samples need no gradient: those of the weights are complete."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Full backward hook is firing", UserWarning)
        yield


class _Sampled(torch.nn.Parameter):
    """What Opacus makes of a weight: float32 [n, ...], the gradients of each sample."""

    grad_sample: torch.Tensor | None


class PrivateGradients:
    """DP-SGD (Abadi et al. 2016, Alg. 1) for one network, by Opacus.

    Where we differ: gradients of dead weights are left out before the norm is taken, so that the
    living ones are clipped less (Adamczewski and Park 2023); masks that move by the weights alone
    are post-processing. A sample whose gradient is not finite counts as zero: to skip the whole
    step for it would tell of it.

    Noise, Poisson samples, dropout and the moves of images are functions of (secret, job, step,
    masks). The last two too: which units a sample loses, and how it is moved, depends on its place
    in the batch, so that to whoever knew the seed one member more would change the gradients of
    the others. Two candidates that differ get unrelated noise at the same step: with common noise
    their difference would show the gradients bare. So would that of two runs under one secret, one
    with another budget, or with one member less: hence the job.
    Noise is summed from several Gaussian draws, against attacks on floating-point numbers
    (Holohan and Braghin 2021).
    """

    def __init__(
        self, job: Job, settings: DpSgd, module: nn.Module, optimizer: torch.optim.Optimizer
    ) -> None:
        from opacus import GradSampleModule
        from opacus.optimizers import DPOptimizer

        self._settings = settings
        self._key = job.recipe.roles.key
        self._job = job_key(job)
        self._members = job.members
        self._rate = budget.sampling(job).rate
        self._hooks = GradSampleModule(module, strict=True)
        self._weights = cast("dict[str, _Sampled]", dict(module.named_parameters()))
        self._device = next(module.parameters()).device
        self._path = ""
        self._optimizer = DPOptimizer(
            optimizer,
            noise_multiplier=budget.spent(job, settings).noise_multiplier,
            max_grad_norm=settings.max_grad_norm,
            expected_batch_size=job.recipe.train.batch_size,
            secure_mode=True,
        )

    def follow(self, masks: Masks) -> None:
        """From here on the randomness is that of a network with these masks."""
        found = hashlib.sha256()
        for name in sorted(masks):
            found.update(name.encode() + np.packbits(masks[name].cpu().numpy()).tobytes())
        self._path = found.hexdigest()

    def rows(self, step: int) -> Int64:
        """A Poisson sample of the members, int64 [n]: each with the same chance; n may be 0."""
        stream = torch.Generator().manual_seed(self.drawn("sample", step))
        chance = torch.rand(len(self._members), generator=stream, dtype=torch.float64)
        drawn: Int64 = self._members[(chance < self._rate).numpy()]
        return drawn

    def clear(self) -> None:
        """Forget the gradients of the step before."""
        self._optimizer.zero_grad()

    def absent(self) -> None:
        """Take note that a step drew nobody: it is made of noise alone."""
        for weight in self._weights.values():
            weight.grad_sample = weight.new_zeros((0, *weight.shape))

    @torch.no_grad()
    def privatise(self, step: int, masks: Masks) -> None:
        """Turn the samples' gradients into one private gradient in each weight's `grad`."""
        samples = {name: self._of(weight) for name, weight in self._weights.items()}
        sound = torch.stack([_finite(found) for found in samples.values()]).all(dim=0)
        for name, found in samples.items():
            found[~sound] = 0.0
            if name in masks:
                found.mul_(masks[name])
            self._weights[name].grad_sample = found
        stream = torch.Generator(device=self._device)
        self._optimizer.generator = stream.manual_seed(self.drawn("noise", step))
        self._optimizer.pre_step()

    def _of(self, weight: _Sampled) -> torch.Tensor:
        """float32 [n, ...]: the gradients of each sample; zeros where none reached the weight."""
        if weight.grad_sample is not None:
            return weight.grad_sample
        reached = (other.grad_sample for other in self._weights.values())
        count = next(len(found) for found in reached if found is not None)
        return weight.new_zeros((count, *weight.shape))

    def drawn(self, purpose: str, step: int) -> int:
        """A secret seed in [0, 2**63) for one purpose at a step of this job, with these masks."""
        if self._settings.randomness == "system":
            return secrets.randbits(63)
        return derive_secret(self._key, "dp-sgd", purpose, self._job, step, self._path)


def _finite(gradients: torch.Tensor) -> torch.Tensor:
    """bool [n]: whether all of a sample's gradient is finite. float32 [n, ...].

    By the extremes, which a NaN is passed on by: seven times faster than asking each number.
    """
    flat = gradients.flatten(1)
    return torch.isfinite(flat.amax(dim=1)) & torch.isfinite(flat.amin(dim=1))
