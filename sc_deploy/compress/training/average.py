"""What have the weights been, on average, lately?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.compress.state import Tensors
    from sc_deploy.recipe import CompressSection


def begin(weights: Tensors) -> dict[str, torch.Tensor]:
    """The average before the first step: a copy of the weights."""
    return {name: weight.detach().clone() for name, weight in weights.items()}


def share(step: int, compress: CompressSection) -> float:
    """How much of the average the weights of finished step `step` (>= 1) become.

    `ema` gives every step 1 - decay, and more at first, so that the random weights of the
    beginning are soon forgotten. `polynomial` remembers a fixed share of training so far, however
    long that is: steps weigh in proportion to step^(1 / span - 1), all alike where the span is 1
    (polynomial-decay averaging, Shamir & Zhang 2013, section 4).
    """
    if compress.average == "ema":
        return max(1 - compress.average_decay, 9 / (10 + step))
    return 1 / (1 + compress.average_span * (1 + step))


@torch.no_grad()
def follow(average: Tensors, weights: Tensors, share: float) -> None:
    """Let `share` of the average be the weights as they are now, in place."""
    for name, value in average.items():
        value.lerp_(weights[name], share)


@torch.no_grad()
def impose(average: Tensors, survivors: Mapping[str, torch.Tensor]) -> None:
    """Zero what did not survive an update: neither the dropped nor the grown has a past."""
    for name, survivor in survivors.items():
        if name in average:
            average[name].mul_(survivor)
