"""What the optimizer remembers of dropped and grown weights."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from sc_deploy.sparse.moments import keep_survivors

Build = Callable[[nn.Parameter], torch.optim.Optimizer]

SURVIVES = torch.tensor([[True, False, True, False]])


def sgd(weight: nn.Parameter) -> torch.optim.Optimizer:
    return torch.optim.SGD([weight], lr=0.1, momentum=0.9)


def adam(weight: nn.Parameter) -> torch.optim.Optimizer:
    return torch.optim.Adam([weight], lr=0.1)


def after_a_step(build: Build) -> tuple[torch.optim.Optimizer, nn.Parameter]:
    weight = nn.Parameter(torch.ones(1, 4))
    optimizer = build(weight)
    weight.grad = torch.ones(1, 4)
    optimizer.step()
    return optimizer, weight


@pytest.mark.parametrize(
    ("build", "moments"), [(sgd, ["momentum_buffer"]), (adam, ["exp_avg", "exp_avg_sq"])]
)
def test_only_survivors_keep_their_moments(build: Build, moments: list[str]) -> None:
    optimizer, weight = after_a_step(build)
    keep_survivors(optimizer, {"w": weight}, {"w": SURVIVES})
    for moment in moments:
        assert torch.equal(optimizer.state[weight][moment] != 0, SURVIVES)


def test_the_step_count_of_adam_is_left_alone() -> None:
    optimizer, weight = after_a_step(adam)
    keep_survivors(optimizer, {"w": weight}, {"w": SURVIVES})
    assert optimizer.state[weight]["step"] == 1
