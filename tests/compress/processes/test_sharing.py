"""What several processes may not share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from sc_deploy.compress.checks import require_trainable
from sc_deploy.compress.processes.ranks import ALONE, Ranks
from sc_deploy.compress.processes.sharing import MEANS, problems, sharing
from sc_deploy.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job

PLAIN = nn.Sequential(nn.Linear(2, 2))
NORMED = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))


def found(job: Job, module: nn.Module = PLAIN, *, count: int = 2) -> set[str]:
    return {problem.where for problem in problems(replace(job, ranks=Ranks(1, count)), module)}


def defended(make_job: Callable[..., Job], defence: str, parallel: str) -> Job:
    from pydantic import TypeAdapter

    from sc_deploy.recipe.defence import Defence

    # Any: pydantic's word for an annotated union.
    adapter: TypeAdapter[Any] = TypeAdapter(Defence)
    job = make_job(compress={"parallel": parallel})
    asked = adapter.validate_python({"name": defence})
    return replace(job, recipe=job.recipe.model_copy(update={"defence": (asked,)}))


def test_one_process_may_do_everything(make_job: Callable[..., Job]) -> None:
    job = make_job(train={"class_weights": "balanced"})
    assert job.ranks is ALONE
    assert not list(problems(job, NORMED))


def test_the_recipe_says_which_work_is_shared(make_job: Callable[..., Job]) -> None:
    ranks = Ranks(0, 2)
    for way, other in (("data", "candidates"), ("candidates", "data")):
        job = replace(make_job(compress={"parallel": way}), ranks=ranks)
        assert sharing(job, way) is ranks  # type: ignore[arg-type]
        assert sharing(job, other) is ALONE  # type: ignore[arg-type]


class OwnBatchNorm(nn.BatchNorm1d):
    """Whatever it computes, nobody here knows."""


def test_batch_norms_that_nobody_can_join_are_refused_where_each_process_would_see_a_share(
    make_job: Callable[..., Job],
) -> None:
    own = nn.Sequential(nn.Linear(2, 2), OwnBatchNorm(2))
    assert not found(make_job(), NORMED)
    assert found(make_job(), own) == {"network"}
    assert not found(make_job(compress={"parallel": "candidates"}), own)


SHARDED = Ranks(0, 2, sharded=True)


def refused(job: Job, module: nn.Module = PLAIN) -> dict[str, str]:
    """Places with remedies, for processes that hold one network in shards."""
    return {p.where: p.remedy for p in problems(replace(job, ranks=SHARDED), module)}


@pytest.mark.parametrize(
    ("where", "sections"),
    [
        ("compress.parallel", {"compress": {"parallel": "candidates"}}),
        ("compress.memory_format", {"compress": {"memory_format": "channels-last"}}),
        ("compress.loss_traces", {"compress": {"loss_traces": True}}),
        ("sparse.pattern", {"sparse": {"pattern": "channel", "density": 0.5}}),
        ("train.class_weights", {"train": {"class_weights": "balanced"}}),
    ],
)
def test_what_a_network_in_shards_cannot_do_is_refused_with_the_launch_that_can(
    make_job: Callable[..., Job], where: str, sections: dict[str, Any]
) -> None:
    found = refused(make_job(**sections))
    assert set(found) == {where}
    assert "launch without --use_fsdp" in found[where]


@pytest.mark.parametrize("defence", ["dp-sgd", "relaxloss", "ppb", "adversarial-regularisation"])
def test_defences_that_do_not_add_up_are_refused_in_shards(
    make_job: Callable[..., Job], defence: str
) -> None:
    assert set(refused(defended(make_job, defence, "data"))) == {f"defence: {defence}"}


class Tied(nn.Module):
    """Two blocks with one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
        self.blocks[1].weight = self.blocks[0].weight


class Scalar(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))


@pytest.mark.parametrize(
    "module", [Tied(), Scalar(), nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2).double())]
)
def test_networks_that_cannot_lie_in_shards_are_refused(
    make_job: Callable[..., Job], module: nn.Module
) -> None:
    assert set(refused(make_job(), module)) == {"network"}
    assert not found(make_job(), module)


def test_what_lies_in_shards_may_have_batch_norms(make_job: Callable[..., Job]) -> None:
    assert not refused(make_job(), NORMED)


def test_a_batch_too_small_to_be_shared_is_refused(make_job: Callable[..., Job]) -> None:
    assert not found(make_job(), count=16)
    assert found(make_job(), count=17) == {"train.batch_size"}


def test_weighted_classes_are_refused_in_shares(make_job: Callable[..., Job]) -> None:
    job = make_job(train={"class_weights": "balanced"})
    assert found(job) == {"train.class_weights"}


@pytest.mark.parametrize(
    "defence", ["label-smoothing", "hamp", "relaxloss", "ppb", "adversarial-regularisation"]
)
def test_defences_that_look_at_the_whole_batch_are_refused_in_shares(
    make_job: Callable[..., Job], defence: str
) -> None:
    refused = set() if defence in MEANS else {f"defence: {defence}"}
    assert found(defended(make_job, defence, "data")) == refused
    assert not found(defended(make_job, defence, "candidates"))


@pytest.mark.parametrize("parallel", ["data", "candidates"])
def test_dp_sgd_runs_as_one_process(make_job: Callable[..., Job], parallel: str) -> None:
    job = defended(make_job, "dp-sgd", parallel)
    assert found(job) == {"defence: dp-sgd"}


@pytest.mark.parametrize(
    ("way", "expected"), [("data", {"compress.loss_traces"}), ("candidates", set())]
)
def test_losses_of_single_samples_are_refused_in_shares(
    make_job: Callable[..., Job], way: str, expected: set[str]
) -> None:
    assert found(make_job(compress={"parallel": way, "loss_traces": True})) == expected


def test_all_of_it_is_refused_before_training_at_once(make_job: Callable[..., Job]) -> None:
    job = make_job(train={"class_weights": "balanced"}, compress={"loss_traces": True})
    require_trainable(job)
    with pytest.raises(UsageError) as refusal:
        require_trainable(replace(job, ranks=Ranks(0, 2)))
    assert {p.where for p in refusal.value.problems} == {
        "train.class_weights",
        "compress.loss_traces",
    }
    assert all("candidates" in problem.remedy for problem in refusal.value.problems)
