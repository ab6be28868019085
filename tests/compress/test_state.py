"""A training state as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from sc_deploy.compress import state
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.errors import IntegrityError
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_state_survives_the_round_trip(make_job: Callable[..., Job], optimizer: str) -> None:
    job = make_job(train={"optimizer": optimizer})
    trainer = Trainer(job, topology.first_masks(job), torch.device("cpu"))
    trainer.train_to(3, Silent())
    saved = trainer.capture()
    read = state.decode(state.encode(saved), step=3)
    assert len(saved.moments) == (7 if optimizer == "sgd" else 21)
    for part in state.PARTS:
        before, after = getattr(saved, part), getattr(read, part)
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)
    assert state.encode(read) == state.encode(saved)


def test_a_captured_state_does_not_change_when_training_goes_on(job: Job) -> None:
    trainer = Trainer(job, topology.first_masks(job), torch.device("cpu"))
    before = state.encode(fork := trainer.capture())
    trainer.train_to(2, Silent())
    assert state.encode(fork) == before != state.encode(trainer.capture())


def test_bytes_that_are_no_state_are_refused() -> None:
    with pytest.raises(IntegrityError, match="cannot be read"):
        state.decode(b"not safetensors", step=0)


def test_a_state_is_read_in_the_order_of_names_wherever_it_is() -> None:
    """Processes that gather shards of it must come to them in one order."""
    found = state.capture(
        0,
        torch.nn.Sequential(*(torch.nn.Linear(1, 1) for _ in range(20))),
        torch.optim.SGD([torch.zeros(1, requires_grad=True)]),
        masks={},
        average={},
    )
    names = list(state.decode(state.encode(found), step=0).weights)
    assert names == sorted(names)
    assert len(names) == 40
