"""What would void DP-SGD's guarantee is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from sc_deploy.compress.checks import require_trainable
from sc_deploy.compress.defences import guarantee
from sc_deploy.errors import UsageError

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job
    from tests.compress.defences.conftest import MakeDefended

# Any: settings as a recipe gives them.
DP: dict[str, Any] = {"name": "dp-sgd", "delta": 1e-3, "accountant": "rdp"}
BLIND: dict[str, Any] = {"pool": {"drop": ("magnitude",), "grow": ("random",)}}
BY_ACCURACY: dict[str, Any] = BLIND | {"objective": "accuracy", "stop_early": 0}
BY_LOT: dict[str, Any] = BLIND | {"selection": "random", "keep": "last"}


def network(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 4))


def places(job: Job) -> list[str]:
    found = list(guarantee.problems(job, job.factory(0).train()))
    assert all(problem.remedy for problem in found)
    return [problem.where for problem in found]


@pytest.mark.parametrize("compress", [BY_ACCURACY, BY_LOT], ids=["by accuracy", "by lot"])
def test_a_topology_that_looks_at_private_weights_alone_is_accepted(
    defended: MakeDefended, compress: dict[str, Any]
) -> None:
    require_trainable(defended(DP, {"name": "hamp"}, factory=network, compress=compress))


def test_choosing_among_rounds_by_attacks_is_refused_even_where_nothing_moves(
    defended: MakeDefended,
) -> None:
    job = defended(DP, factory=network, sparse={"density": 1.0}, compress=BLIND)
    assert places(job) == ["compress.objective", "compress.stop_early"]


def test_nothing_is_asked_of_a_recipe_without_it(defended: MakeDefended) -> None:
    assert not places(defended({"name": "relaxloss"}))


def test_everything_that_voids_it_is_told_at_once(defended: MakeDefended) -> None:
    job = defended(
        DP | {"delta": 0.1},
        {"name": "ppb"},
        {"name": "adversarial-regularisation"},
        train={"class_weights": "balanced"},
        compress={"dtype": "bfloat16"},
    )
    assert set(places(job)) == {
        "compress.pool.grow",
        "compress.objective",
        "compress.stop_early",
        "defence: ppb",
        "defence: adversarial-regularisation",
        "train.class_weights",
        "compress.dtype",
        "defence: dp-sgd: delta",
        "network",
    }


def test_members_that_others_have_seen_without_noise_are_refused(defended: MakeDefended) -> None:
    """Weights trained on these very members show them, whatever noise comes afterwards."""
    job = defended(
        DP, factory=network, compress=BY_ACCURACY, roles={"declared_members": "seen.txt"}
    )
    assert places(job) == ["roles.declared_members"]


def test_ranges_taken_from_members_are_refused(defended: MakeDefended) -> None:
    job = defended(
        DP, factory=network, compress=BY_ACCURACY, export={"precisions": ("fp32", "int8")}
    )
    assert places(job) == ["export.precisions"]


def test_a_batch_norm_is_refused_with_what_to_take_instead(defended: MakeDefended) -> None:
    job = defended(DP, compress=BY_ACCURACY)
    with pytest.raises(UsageError) as refusal:
        require_trainable(job)
    ((where, remedy),) = [(p.where, p.remedy) for p in refusal.value.problems]
    assert where == "network"
    assert "norm: group" in remedy


def test_a_budget_that_cannot_be_kept_is_refused_before_training(defended: MakeDefended) -> None:
    job = defended(DP | {"epsilon": 1e-9}, factory=network, compress=BY_ACCURACY)
    assert places(job) == ["defence: dp-sgd"]
