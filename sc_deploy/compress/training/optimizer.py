"""Which optimizer moves the weights, and how fast at each step?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from sc_deploy.sparse.adam import AgedAdam

if TYPE_CHECKING:
    from torch import nn

    from sc_deploy.recipe import TrainSection


def build(module: nn.Module, train: TrainSection) -> torch.optim.Optimizer:
    """SGD with momentum, Adam or AdamW.

    The L2 penalty is part of the gradient in the first two; AdamW shrinks the weights instead
    (Loshchilov and Hutter, ICLR 2019).
    """
    weights, rate, decay = module.parameters(), train.learning_rate, train.weight_decay
    if train.optimizer == "adam":
        return AgedAdam(weights, lr=rate, weight_decay=decay)
    if train.optimizer == "adamw":
        return AgedAdam(weights, lr=rate, weight_decay=decay, decoupled_weight_decay=True)
    return torch.optim.SGD(
        weights,
        lr=rate,
        momentum=train.momentum,
        weight_decay=decay,
        nesterov=train.nesterov,
    )


def learning_rate(step: int, train: TrainSection, *, steps: int) -> float:
    """The rate of a step in [0, steps).

    It rises in a straight line over the warm-up, whose first step has 1/warm-up of the rate, and
    then falls as the schedule says. Multistep falls to a tenth at one half and again at three
    quarters of all steps, warm-up or not.
    """
    warmup = round(train.warmup_epochs / train.epochs * steps)
    if step < warmup:
        return train.learning_rate * (step + 1) / warmup
    done, left = step - warmup, steps - warmup
    if train.schedule == "constant":
        return train.learning_rate
    if train.schedule == "linear":
        return train.learning_rate * (1 - done / left)
    if train.schedule == "multistep":
        return train.learning_rate * 0.1 ** ((2 * step >= steps) + (4 * step >= 3 * steps))
    return train.learning_rate / 2 * (1 + math.cos(math.pi * done / left))


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
