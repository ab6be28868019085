"""The candidates of a round."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from sc_deploy.compress import state
from sc_deploy.compress.candidates import pool, rounds, topology
from sc_deploy.compress.candidates.topology import moved
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Strategy
from sc_deploy.errors import CompressionError
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.candidates.pool import Field
    from sc_deploy.compress.candidates.probation import Contender
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import TrainingState
    from sc_deploy.progress import Progress
    from sc_deploy.sparse.masks import Masks

CPU = torch.device("cpu")


def held(job: Job, progress: Progress | None = None) -> tuple[TrainingState, Field]:
    """The incumbent at the first fork and who contends there."""
    first = rounds.plan(job)[0]
    trainer = Trainer(job, topology.first_masks(job), CPU)
    with repeatable(CPU, threads=1):
        trainer.train_to(first.fork, Silent())
        incumbent = trainer.capture()
        return incumbent, pool.contend(trainer, incumbent, first, progress or Silent())


def contended(job: Job) -> tuple[TrainingState, list[Contender]]:
    """The incumbent at the first fork and everyone who came through."""
    incumbent, field = held(job)
    return incumbent, list(field.through)


class Count(Silent):
    """Progress that counts steps and keeps what is told."""

    def __init__(self) -> None:
        self.steps = 0
        self.notes: list[str] = []

    def advance(self, done: int = 1, *, note: str = "") -> None:
        self.steps += done
        self.notes += [note] if note else []


def test_every_drop_meets_every_grow_and_the_incumbent_comes_first(job: Job) -> None:
    first = rounds.plan(job)[0]
    assert [str(strategy) for strategy in pool.strategies(job, first)] == [
        "None",
        "magnitude/gradient",
        "magnitude/random",
        "threshold/gradient",
        "threshold/random",
    ]


def test_a_settled_topology_has_its_incumbent_alone(job: Job) -> None:
    assert pool.strategies(job, rounds.plan(job)[-1]) == (None,)


def test_all_candidates_train_equally_long_and_only_the_incumbent_keeps_its_masks(
    make_job: Callable[..., Job],
) -> None:
    incumbent, contenders = contended(make_job(compress={"halving": False}))
    assert len(contenders) == 5
    assert {contender.state.step for contender in contenders} == {25}
    assert len({contender.candidate.density for contender in contenders}) == 1
    for contender in contenders:
        same = all(
            torch.equal(mask, incumbent.masks[name]) for name, mask in contender.state.masks.items()
        )
        assert same == (contender.candidate.strategy is None)


@pytest.mark.parametrize("drop", ["magnitude", "threshold"])
def test_probation_tells_growth_rules_apart(make_job: Callable[..., Job], drop: str) -> None:
    """Without it both would answer alike, for grown weights start at zero."""
    job = make_job(
        compress={"halving": False, "pool": {"drop": (drop,), "grow": ("gradient", "random")}}
    )
    _, (_, gradient, random) = contended(job)
    assert gradient.candidate.strategy == Strategy(drop, "gradient")
    grown = gradient.state.masks["5.weight"] & ~random.state.masks["5.weight"]
    assert gradient.state.weights["5.weight"][grown].any()


def test_the_worse_half_of_the_pool_is_left_out_at_half_of_the_probation(job: Job) -> None:
    _, field = held(job)
    stages = [(one.candidate.strategy is None, one.candidate.stage) for one in field.through]
    assert stages == [(True, 1), (False, 2), (False, 2)]
    assert [one.candidate.stage for one in field.out] == [1, 1]
    assert {one.state.step for one in field.through} == {25}
    assert {one.state.step for one in field.out} == {22}
    assert len({one.candidate.strategy for one in (*field.through, *field.out)}) == 5


def test_halving_changes_nothing_in_who_comes_through(
    job: Job, make_job: Callable[..., Job]
) -> None:
    """Stopping for an exam on the way leaves no trace in the training that follows."""
    _, halved = held(job)
    _, (*whole,) = contended(make_job(compress={"halving": False}))
    straight = {one.candidate.strategy: state.encode(one.state) for one in whole}
    for one in halved.through:
        assert state.encode(one.state) == straight[one.candidate.strategy]


@pytest.mark.parametrize(
    "settings",
    [{}, {"halving": False}, {"incumbent": False}, {"selection": "random"}, {"probation": 0}],
    ids=str,
)
def test_a_round_takes_as_many_steps_as_it_says(
    make_job: Callable[..., Job], settings: dict[str, object]
) -> None:
    job, count = make_job(compress=settings), Count()
    held(job, count)
    first = rounds.plan(job)[0]
    assert count.steps == pool.steps(job, first) - first.fork


def test_a_lot_is_drawn_from_the_seed_and_all_have_a_chance(make_job: Callable[..., Job]) -> None:
    job = make_job(compress={"selection": "random"})
    first = rounds.plan(job)[0]
    drawn = [pool.strategies(job, replace(first, number=number)) for number in range(60)]
    assert drawn == [pool.strategies(job, replace(first, number=number)) for number in range(60)]
    assert len(set(drawn)) == 5
    assert {len(one) for one in drawn} == {1}


def test_a_candidate_that_diverges_is_left_out_and_the_round_goes_on(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned(trainer: Trainer, *arguments: Any) -> Masks:  # Any: handed on as they come
        if arguments[1] == Strategy("threshold", "random"):
            with torch.no_grad():
                trainer.governed["8.weight"].fill_(math.inf)
        return moved(trainer, *arguments)

    monkeypatch.setattr("sc_deploy.compress.candidates.probation.topology.moved", poisoned)
    count = Count()
    _, field = held(job, count)
    assert Strategy("threshold", "random") not in {
        one.candidate.strategy for one in (*field.through, *field.out)
    }
    assert len(field.through) == 3
    assert any("threshold/random is left out" in note for note in count.notes)
    (lost,) = field.diverged
    assert (lost.round, lost.strategy) == (1, Strategy("threshold", "random"))
    assert lost.step == rounds.plan(job)[0].fork
    assert "not finite" in lost.reason


def test_why_a_candidate_diverged_names_no_sample(
    make_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told in reports, which leave the run folder."""

    def poisoned(trainer: Trainer, *arguments: Any) -> Masks:  # Any: handed on as they come
        if arguments[1] is not None:
            with torch.no_grad():
                trainer.governed["8.weight"].fill_(math.inf)
        return moved(trainer, *arguments)

    monkeypatch.setattr("sc_deploy.compress.candidates.probation.topology.moved", poisoned)
    job = make_job()
    _, field = held(job)
    ids = [row.tobytes().hex()[:12] for row in job.roles.sample_id]
    assert len(field.diverged) == 4
    assert not [lost for lost in field.diverged if any(each in lost.reason for each in ids)]


@pytest.mark.parametrize("halving", [True, False])
def test_a_round_in_which_all_but_the_incumbent_diverge_goes_on_with_it(
    make_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch, halving: bool
) -> None:
    def poisoned(trainer: Trainer, *arguments: Any) -> Masks:  # Any: handed on as they come
        if arguments[1] is not None:
            with torch.no_grad():
                trainer.governed["8.weight"].fill_(math.inf)
        return moved(trainer, *arguments)

    monkeypatch.setattr("sc_deploy.compress.candidates.probation.topology.moved", poisoned)
    _, field = held(make_job(compress={"halving": halving}))
    (left,) = field.through
    assert left.candidate.strategy is None
    assert field.out == ()


def test_an_incumbent_that_diverges_ends_training(make_job: Callable[..., Job]) -> None:
    with pytest.raises(CompressionError):
        held(make_job(train={"learning_rate": 1e30}))
