"""What operators get to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from sc_deploy.compress import state
from sc_deploy.compress.candidates import rounds, signals, topology
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Role, Strategy
from sc_deploy.progress import Silent
from sc_deploy.sparse import governed

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from sc_deploy.compress.job import Job

CPU = torch.device("cpu")


def trained(job: Job, steps: int = 12) -> Trainer:
    trainer = Trainer(job, topology.first_masks(job), CPU)
    with repeatable(CPU, threads=1):
        trainer.train_to(steps, Silent())
    return trainer


def test_only_what_a_strategy_looks_at_is_collected(job: Job) -> None:
    trainer = trained(job)
    found = signals.collect(trainer, [None, Strategy("magnitude", "random")])
    assert [*found.gradients, *found.momentum, *found.members, *found.fired] == []
    assert signals.collect(trainer, [Strategy("taylor", "random")]).gradients


def test_gap_gradients_are_those_of_the_mean_loss_on_search_samples(job: Job) -> None:
    """The slow way: all search samples in one batch, in eval mode."""
    trainer = trained(job)
    found = signals.collect(trainer, [Strategy("loss-gap", "random")])
    for role, gradients in (
        (Role.MEMBER_SEARCH, found.members),
        (Role.NON_MEMBER_SEARCH, found.non_members),
    ):
        rows = job.roles.rows(role)
        x = job.task.preprocess(np.asarray(job.task.x[job.roles.index[rows]]))
        trainer.module.eval()
        logits = trainer.module(torch.from_numpy(x))
        loss = functional.cross_entropy(logits, torch.from_numpy(job.roles.label[rows]))
        weights = governed.governed(trainer.module)
        dead = ~trainer.masks["5.weight"]
        assert gradients["5.weight"][dead].any(), "dead weights have gradients too"
        for name, slow in zip(
            weights, torch.autograd.grad(loss, list(weights.values())), strict=True
        ):
            torch.testing.assert_close(gradients[name], slow)


def test_a_draw_of_samples_stands_for_more(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trained(job)
    whole = signals.collect(trainer, [Strategy("loss-gap", "random")])
    monkeypatch.setattr(signals, "SAMPLES", 40)
    drawn, again = (signals.collect(trainer, [Strategy("loss-gap", "random")]) for _ in range(2))
    for name, gradient in drawn.members.items():
        assert torch.equal(gradient, again.members[name])
        assert not torch.equal(gradient, whole.members[name])


def test_collecting_leaves_no_trace(make_job: Callable[..., Job]) -> None:
    pool = {"drop": ("loss-gap",), "grow": ("momentum", "random-unfired", "gradient")}
    trainer = trained(make_job(compress={"pool": pool}))
    before = state.encode(trainer.capture())
    with repeatable(CPU, threads=1):
        signals.collect(trainer, topology.strategies(trainer.job, rounds.plan(trainer.job)[0]))
    assert state.encode(trainer.capture()) == before
