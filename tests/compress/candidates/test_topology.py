"""The masks that a run goes through."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
import torch

from sc_deploy.compress import loop
from sc_deploy.compress.candidates import rounds, signals, topology
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Strategy
from sc_deploy.progress import Silent
from sc_deploy.sparse import masks
from sc_deploy.sparse.patterns import parse
from sc_deploy.sparse.signals import Need

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job
    from sc_deploy.compress.loop import Standing

CPU = torch.device("cpu")
CUBIC = {"shape": "cubic", "end": 0.4}
CONV, FULL, HEAD = "0.weight", "5.weight", "8.weight"


def searched(job: Job) -> tuple[Standing, list[Standing]]:
    """The loop's last standing, and that after each round."""
    after: list[Standing] = []
    with repeatable(CPU, threads=1):
        trainer = Trainer(job, topology.first_masks(job), CPU)
        last = loop.run(trainer, loop.begin(trainer.capture()), after.append, Silent())
    return last, after


def small(**sections: Any) -> dict[str, Any]:  # Any: sections of a recipe as a test writes them.
    """Twelve epochs of ten steps, every weight tested as it is."""
    compress = {"probation": 4, "average": "none", "recalibrate": 0, "stop_early": 0}
    return {
        "train": {"epochs": 12},
        "sparse": sections.pop("sparse", {}),
        "compress": compress | sections.pop("compress", {}),
    }


def test_candidates_have_exactly_the_density_scheduled_for_their_round(
    make_job: Callable[..., Job],
) -> None:
    job = make_job(**small(sparse={"schedule": CUBIC}))
    last, _ = searched(job)
    size = sum(mask.numel() for mask in last.current.masks.values())
    for this in rounds.plan(job):
        found = {c.density for c in last.history if c.round == this.number}
        assert found == {round(this.density * size) / size}
    assert {str(c.strategy) for c in last.history if c.round == 1} > {"None", "magnitude/random"}


def test_only_a_state_of_the_final_density_is_kept(make_job: Callable[..., Job]) -> None:
    """At every round: what would be returned is never denser than what training stands at."""
    job = make_job(**small(sparse={"schedule": {"shape": "one-shot", "end": 0.6}}))
    last, after = searched(job)
    for standing in after:
        assert masks.density(standing.kept.state.masks) == masks.density(standing.current.masks)
    assert masks.density(last.kept.state.masks) == pytest.approx(0.2, abs=1e-3)
    assert masks.density(after[0].kept.state.masks) == 1.0


def test_a_dense_beginning_that_only_leaks_more_does_not_end_training(
    make_job: Callable[..., Job],
) -> None:
    settings = small(
        sparse={"schedule": {"shape": "one-shot", "end": 0.9}}, compress={"stop_early": 1}
    )
    settings["train"] |= {"learning_rate": 0.2, "epochs": 20}
    last, after = searched(make_job(**settings))
    unsettled = [r.number for r in rounds.plan(make_job(**settings)) if not r.settled]
    assert all(standing.stale == 0 for standing in after if standing.finished in unsettled)
    assert masks.density(last.kept.state.masks) < 0.3


@pytest.mark.parametrize("pattern", ["block-4x1", "constant-fan-in", "2:4"])
def test_a_pattern_holds_from_the_first_mask_to_the_last(
    make_job: Callable[..., Job], pattern: str
) -> None:
    density, schedule = (0.5, CUBIC) if pattern == "2:4" else (0.3, {})
    sparse = {
        "pattern": pattern,
        "density": density,
        "schedule": schedule,
        "overrides": {CONV: 1.0},
    }
    _, after = searched(make_job(**small(sparse=sparse, compress={"incumbent": False})))
    tiles = parse(pattern).tiles
    moved = after[0].current.masks[FULL] ^ after[-1].current.masks[FULL]
    assert moved.any()
    for standing in after:
        assert standing.current.masks[CONV].all(), "left dense"
        for name in (FULL, HEAD):
            units = tiles(standing.current.masks[name])
            assert torch.equal(units.any(dim=2), units.all(dim=2))
            assert len(set(units[:, :, 0].sum(dim=1).tolist())) == 1
    if pattern == "2:4":
        assert (tiles(after[-1].current.masks[FULL]).sum(dim=(1, 2)) == 2).all()


def test_while_density_alone_falls_ways_to_drop_compete(make_job: Callable[..., Job]) -> None:
    pool = {"drop": ("magnitude", "threshold", "taylor"), "grow": ("gradient", "random")}
    sparse = {"stop_at": 0.1, "schedule": CUBIC}
    job = make_job(**small(sparse=sparse, compress={"pool": pool}))
    first = rounds.plan(job)[0]
    assert topology.strategies(job, first) == (Strategy("taylor", "none"),)
    assert topology.strategies(job, rounds.plan(job)[-1]) == ()


def test_without_an_incumbent_pruning_by_magnitude_is_a_candidate(
    make_job: Callable[..., Job],
) -> None:
    """Prune and fine-tune: dense training, one cut, then the rest of training."""
    pool = {"drop": ("magnitude",), "grow": ("none",)}
    job = make_job(
        **small(
            sparse={"schedule": {"shape": "one-shot", "end": 0.5}},
            compress={"preset": "reference-code", "pool": pool, "probation": 0},
        )
    )
    last, _ = searched(job)
    assert [str(c.strategy) for c in last.history] == [
        *["None"] * 2, "magnitude/none", *["None"] * 3
    ]  # fmt: skip
    assert [c.density == 1.0 for c in last.history] == [True, True, False, False, False, False]


def test_the_incumbent_follows_by_losing_its_smallest_weights(job: Job) -> None:
    trainer = Trainer(job, topology.first_masks(job), CPU)
    this = rounds.plan(job)[0]
    unchanged = topology.moved(trainer, signals.collect(trainer, ()), None, this)
    assert all(torch.equal(mask, trainer.masks[name]) for name, mask in unchanged.items())


def test_first_masks_have_the_density_that_training_begins_with(
    make_job: Callable[..., Job],
) -> None:
    found = topology.first_masks(make_job(sparse={"schedule": {"shape": "cubic", "initial": 0.5}}))
    size = sum(math.prod(mask.shape) for mask in found.values())
    assert masks.density(found) == round(0.5 * size) / size


def test_the_signals_kept_are_those_of_any_operator(make_job: Callable[..., Job]) -> None:
    pool = {"drop": ("loss-gap",), "grow": ("random-unfired", "momentum")}
    kept = topology.signals_kept(make_job(compress={"pool": pool}))
    assert kept == {Need.GAP, Need.FIRED, Need.MOMENTUM}
