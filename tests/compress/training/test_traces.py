"""What operators remember from step to step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from sc_deploy.compress import state
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.traces import DECAY, Traces
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.progress import Silent
from sc_deploy.sparse.signals import Need

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job

CPU = torch.device("cpu")
BOTH = frozenset({Need.MOMENTUM, Need.FIRED})


def weight(gradient: list[float]) -> dict[str, torch.Tensor]:
    found = torch.zeros(len(gradient), requires_grad=True)
    found.grad = torch.tensor(gradient)
    return {"w": found}


def test_the_mean_of_gradients_follows_dead_weights_too_and_skips_what_is_not_finite() -> None:
    traces = Traces(BOTH)
    traces.moved({"w": torch.tensor([True, False])})
    traces.stepped(weight([1.0, 2.0]))
    traces.stepped(weight([float("nan"), 4.0]))
    slow = [1 * DECAY, 2 * DECAY + 4]
    assert traces.momentum["w"].tolist() == pytest.approx([(1 - DECAY) * value for value in slow])


def test_a_weight_that_was_alive_once_has_fired_for_good() -> None:
    traces = Traces(BOTH)
    for mask in ([True, False, False], [False, True, False]):
        traces.moved({"w": torch.tensor(mask)})
    assert traces.fired["w"].tolist() == [True, True, False]


def test_what_is_captured_comes_back_and_does_not_change_later() -> None:
    traces, other = Traces(BOTH), Traces(BOTH)
    traces.moved({"a.w": torch.tensor([True, False])})
    other.restore(captured := traces.capture(), {"a.w": torch.zeros(2)})
    other.stepped({"a.w": weight([1.0, 1.0])["w"]})
    assert set(captured) == {"traces/momentum/a.w", "traces/fired/a.w"}
    assert not traces.momentum["a.w"].any()
    assert other.momentum["a.w"].any()


def test_nothing_is_kept_that_no_operator_needs(job: Job) -> None:
    trainer = Trainer(job, topology.first_masks(job), CPU)
    trainer.train_to(2, Silent())
    assert trainer.capture().extras == {}


def test_traces_survive_a_saved_state(make_job: Callable[..., Job]) -> None:
    job = make_job(compress={"pool": {"grow": ("momentum", "random-unfired")}})
    whole, half = (Trainer(job, topology.first_masks(job), CPU) for _ in range(2))
    with repeatable(CPU, threads=1):
        whole.train_to(9, Silent())
        half.train_to(4, Silent())
        resumed = Trainer(job, {}, CPU)
        resumed.restore(state.decode(state.encode(half.capture()), step=4))
        resumed.train_to(9, Silent())
    assert len(whole.capture().extras) == 2 * len(whole.masks)
    assert state.encode(whole.capture()) == state.encode(resumed.capture())
