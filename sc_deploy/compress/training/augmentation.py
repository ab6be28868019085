"""How are training images moved about, so that a network cannot learn them by heart?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from sc_deploy.compress.randomness import derive
from sc_deploy.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """Samples that stand at `places` int64 [n] of a batch `of` so many."""

    places: Int64
    of: int


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random crops and mirror images of a batch (He et al. 2016, "Deep Residual Learning", 4.2).

    `crop_padding` pixels of zeros, the mean where preprocessing subtracts it, are put around an
    image before a piece of its own size is cut out at random; `flip` mirrors it left to right with
    probability one half. Members alone meet it, and in training alone: attacks see every sample
    through preprocessing only, or they would tell augmented members from other samples by their
    edges.
    """

    crop_padding: int
    flip: bool

    def apply(
        self, x: torch.Tensor, generator: torch.Generator, share: Share | None = None
    ) -> torch.Tensor:
        """float32 [n, channels, height, width] to the same shape, each image moved on its own.

        A share of a batch is moved as it would be with the rest of it.
        """
        share = share or Share(np.arange(len(x)), len(x))
        moved = self._cropped(x, generator, share) if self.crop_padding else x
        return _mirrored(moved, generator, share) if self.flip else moved

    def _cropped(self, x: torch.Tensor, generator: torch.Generator, share: Share) -> torch.Tensor:
        padding, (n, _, height, width) = self.crop_padding, x.shape
        padded = functional.pad(x, (padding,) * 4)
        drawn = torch.randint(2 * padding + 1, (2, share.of), generator=generator)
        top, left = drawn[:, share.places].to(x.device)
        rows = top[:, None] + torch.arange(height, device=x.device)
        columns = left[:, None] + torch.arange(width, device=x.device)
        at = torch.arange(n, device=x.device)
        # The slice between the index tensors would move the channels last.
        cut = padded.permute(0, 2, 3, 1)[at[:, None, None], rows[:, :, None], columns[:, None, :]]
        return cut.permute(0, 3, 1, 2).contiguous()


STILL = Augmentation(crop_padding=0, flip=False)


def _mirrored(x: torch.Tensor, generator: torch.Generator, share: Share) -> torch.Tensor:
    turned = torch.rand(share.of, generator=generator)[share.places].to(x.device) < 0.5
    return torch.where(turned[:, None, None, None], x.flip(-1), x)


def seed(recipe: Recipe, step: int) -> int:
    """That of the moves of a training step; every candidate's alike."""
    return derive(recipe.seed, "augmentation", step)


def augmented(
    x: torch.Tensor, recipe: Recipe, *, seed: int, share: Share | None = None
) -> torch.Tensor:
    """A batch, or a share of one, as the recipe moves it: float32 [n, channels, height, width]."""
    asked = recipe.train.augmentation
    moves = Augmentation(asked.crop_padding, asked.flip)
    if moves == STILL:
        return x
    return moves.apply(x, torch.Generator().manual_seed(seed), share)


def problems(job: Job) -> Iterator[Problem]:
    """What speaks against the augmentation that a job asks for."""
    asked = job.recipe.train.augmentation
    shape = list(job.network.input_shape)
    if (asked.crop_padding or asked.flip) and len(shape) != 3:
        yield Problem(
            "train.augmentation",
            f"moves images, and the samples are {shape}",
            "leave it away, or give images [channels, height, width]",
        )
