"""When candidates compete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sc_deploy.compress.candidates import pool
from sc_deploy.compress.candidates.rounds import plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job


def test_rounds_fork_every_so_many_steps_and_the_last_ends_training(job: Job) -> None:
    assert [(r.number, r.start, r.fork, r.half, r.end) for r in plan(job)] == [
        (1, 0, 20, 22, 25),
        (2, 25, 40, 42, 45),
        (3, 45, 60, 60, 60),
    ]


def test_probation_is_part_of_the_steps_that_the_recipe_asks_for(job: Job) -> None:
    assert plan(job)[-1].end == job.steps == 6 * (160 // 16)


def test_the_share_moved_falls_and_the_topology_settles(job: Job) -> None:
    first, second, last = (r.fraction for r in plan(job))
    assert 0.5 > first > second > 0.0 == last


@pytest.mark.parametrize("stop_at", [0.3, 0.5])
def test_rounds_go_on_with_the_incumbent_after_the_topology_settled(
    make_job: Callable[..., Job], stop_at: float
) -> None:
    assert [r.fraction > 0 for r in plan(make_job(sparse={"stop_at": stop_at}))] == [
        stop_at > 20 / 60,
        False,
        False,
    ]


def test_a_last_probation_that_ends_with_training_is_the_last_round(
    make_job: Callable[..., Job],
) -> None:
    rounds = plan(make_job(compress={"update_every": 50, "probation": 10}))
    assert [(r.fork, r.end) for r in rounds] == [(50, 60)]


def test_density_falls_at_forks_and_settles_at_its_end(make_job: Callable[..., Job]) -> None:
    job = make_job(
        train={"epochs": 12},
        sparse={"schedule": {"shape": "cubic", "initial": 0.8, "start": 0.2, "end": 0.5}},
    )
    rounds = plan(job)
    assert [r.fork for r in rounds] == [20, 40, 60, 80, 100, 120]
    assert [r.density for r in rounds] == pytest.approx([0.8, 0.2 + 0.6 * (5 / 9) ** 3, *[0.2] * 4])
    assert [r.thins for r in rounds] == [False, True, True, False, False, False]
    assert [r.settled for r in rounds] == [False, False, True, True, True, True]


def test_nothing_moves_while_all_weights_are_alive(make_job: Callable[..., Job]) -> None:
    """Before density falls there is nothing to exchange: every candidate would be the incumbent."""
    job = make_job(train={"epochs": 12}, sparse={"schedule": {"shape": "one-shot", "end": 0.5}})
    moves = [(r.density, r.fraction > 0) for r in plan(job)]
    assert moves == [(1.0, False)] * 2 + [(0.2, True)] * 2 + [(0.2, False)] * 2
    assert len(pool.strategies(job, plan(job)[0])) == 1


def test_density_goes_on_falling_after_the_topology_settled(make_job: Callable[..., Job]) -> None:
    schedule = {"shape": "one-shot", "end": 0.6}
    first, second, last = plan(make_job(sparse={"stop_at": 0.2, "schedule": schedule}))
    assert not first.fraction
    assert not second.fraction
    assert (first.thins, second.thins, last.thins) == (False, True, False)


def test_a_constant_drop_fraction_holds_until_the_topology_settles(
    make_job: Callable[..., Job],
) -> None:
    rounds = plan(make_job(sparse={"drop_schedule": "constant", "drop_fraction": 0.3}))
    assert [r.fraction for r in rounds] == [0.3, 0.3, 0.0]


def test_a_dense_network_never_moves(make_job: Callable[..., Job]) -> None:
    assert not any(r.fraction for r in plan(make_job(sparse={"density": 1.0})))
