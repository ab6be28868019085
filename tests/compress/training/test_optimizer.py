"""Optimizers and learning rates."""

from __future__ import annotations

from math import cos, pi
from typing import TYPE_CHECKING, Any

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from sc_deploy.compress.training import optimizer
from sc_deploy.recipe import TrainSection

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS = 100


def rates(steps: Sequence[int], **settings: Any) -> list[float]:
    train = TrainSection(epochs=10, learning_rate=1.0, **settings)
    return [optimizer.learning_rate(step, train, steps=STEPS) for step in steps]


def test_cosine_falls_from_the_whole_by_the_half_to_nothing() -> None:
    assert rates([0, 50, 100]) == pytest.approx([1.0, 0.5, 0.0])
    assert rates([25]) == pytest.approx([(1 + cos(pi / 4)) / 2])


def test_constant_stays() -> None:
    assert rates([0, 40, 99], schedule="constant") == [1.0, 1.0, 1.0]


def test_multistep_falls_to_a_tenth_at_one_half_and_three_quarters() -> None:
    found = rates([0, 49, 50, 74, 75, 99], schedule="multistep")
    assert found == pytest.approx([1.0, 1.0, 0.1, 0.1, 0.01, 0.01])


def test_linear_falls_in_a_straight_line() -> None:
    assert rates([0, 25, 99], schedule="linear") == pytest.approx([1.0, 0.75, 0.01])


@pytest.mark.parametrize("schedule", ["cosine", "constant", "linear"])
def test_a_warm_up_rises_to_the_whole_and_the_schedule_takes_over(schedule: str) -> None:
    found = rates([0, 4, 9, 10], schedule=schedule, warmup_epochs=1.0)
    assert found == pytest.approx([0.1, 0.5, 1.0, 1.0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"nesterov": True, "optimizer": "adam"},
        {"nesterov": True, "momentum": 0.0},
        {"warmup_epochs": 10.0, "epochs": 10},
    ],
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TrainSection(**wrong)


def shrunk(name: str) -> float:
    """What is left of a weight of 1 after one step in which no gradient came, decay 0.1."""
    module = nn.Linear(1, 1, bias=False)
    nn.init.ones_(module.weight)
    train = TrainSection(optimizer=name, learning_rate=0.1, weight_decay=0.1)  # type: ignore[arg-type]
    built = optimizer.build(module, train)
    module.weight.grad = torch.zeros_like(module.weight)
    built.step()
    return module.weight.item()


def test_adamw_shrinks_weights_by_the_decay_and_adam_by_its_own_step() -> None:
    assert shrunk("adamw") == pytest.approx(1 - 0.1 * 0.1)
    assert shrunk("adam") == pytest.approx(1 - 0.1, rel=1e-4)


def test_nesterov_looks_ahead() -> None:
    moved = []
    for nesterov in (False, True):
        module = nn.Linear(1, 1, bias=False)
        nn.init.ones_(module.weight)
        settings = TrainSection(learning_rate=1.0, weight_decay=0.0, nesterov=nesterov)
        built = optimizer.build(module, settings)
        module.weight.grad = torch.ones_like(module.weight)
        built.step()
        moved.append(1 - module.weight.item())
    assert moved == pytest.approx([1.0, 1.9])
