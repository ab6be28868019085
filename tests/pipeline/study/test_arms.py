"""Each arm changes what its name says, and nothing else of data and training."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sc_deploy.contracts import Pairing
from sc_deploy.errors import UsageError
from sc_deploy.pipeline.study import arms, design
from sc_deploy.recipe import Recipe
from tests.pipeline.study.conftest import Ask

TODAY = [arm.name for arm in arms.ARMS]


def recipe_of(ask: Ask, name: str, *, overrides: Sequence[str] = ()) -> Recipe:
    asked = ask(["robust", name], overrides=overrides)
    arm = next(arm for arm in asked.arms if arm.name == name)
    return asked.problem(arm, 3).recipe


@pytest.mark.parametrize("name", TODAY)
def test_no_arm_changes_data_roles_network_or_training(ask: Ask, name: str) -> None:
    robust, other = recipe_of(ask, "robust"), recipe_of(ask, name)
    for section in ("seed", "task", "roles", "network", "train"):
        assert getattr(other, section) == getattr(robust, section)
    assert other.compress.update_every == robust.compress.update_every
    if name == "paper":
        assert other.compress.safety_tests == ("neural-paper",)
    elif other.compress.selection != "fixed" or other.compress.keep == "best":
        assert other.compress.safety_tests == robust.compress.safety_tests


def test_dense_arms_keep_every_weight_and_only_one_goes_to_the_end(ask: Ask) -> None:
    dense, early = recipe_of(ask, "dense"), recipe_of(ask, "dense-early-objective")
    assert dense.sparse.density == early.sparse.density == 1.0
    assert (dense.compress.keep, dense.compress.stop_early, dense.compress.average) == (
        "last", 0, "none",
    )  # fmt: skip
    assert early.compress == recipe_of(ask, "robust").compress


def test_set_and_rigl_differ_by_growth_alone(ask: Ask) -> None:
    fixed, rigl = recipe_of(ask, "set").compress, recipe_of(ask, "rigl").compress
    assert (fixed.pool.drop, fixed.pool.grow) == (("magnitude",), ("random",))
    assert (rigl.pool.drop, rigl.pool.grow) == (("magnitude",), ("gradient",))
    assert fixed.selection == rigl.selection == "fixed"
    assert fixed.model_copy(update={"pool": rigl.pool}) == rigl


def test_set_early_stops_by_the_rule_of_robust(ask: Ask) -> None:
    early, robust = recipe_of(ask, "set-early").compress, recipe_of(ask, "robust").compress
    assert early.selection == "fixed"
    for setting in ("keep", "objective", "stop_early", "average", "recalibrate", "probation"):
        assert getattr(early, setting) == getattr(robust, setting)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("random", "selection", "random"),
        ("accuracy-only", "objective", "accuracy"),
        ("safety-only", "objective", "safety"),
    ],
)
def test_a_control_of_selection_changes_one_setting(
    ask: Ask, name: str, setting: str, value: str
) -> None:
    robust, other = recipe_of(ask, "robust").compress, recipe_of(ask, name).compress
    assert getattr(other, setting) == value
    assert robust.model_copy(update={setting: value}) == other


def test_the_paper_is_the_paper_whatever_the_recipe_prefers(ask: Ask) -> None:
    own = ["compress.objective=constrained", "compress.leakage_limit=0.55"]
    asked = ask(["robust", "paper"], overrides=own)
    paper = asked.problem(asked.arms[1], 3).recipe.compress
    assert (paper.objective, paper.attacker, paper.probation) == ("tm-score", "shared", 0)


def test_roles_differ_between_seeds_and_agree_between_arms(ask: Ask) -> None:
    asked = ask()
    keys = {
        (arm.name, seed): asked.problem(arm, seed).recipe.roles.key
        for arm in asked.arms
        for seed in asked.seeds
    }
    assert len(set(keys.values())) == len(asked.seeds)
    assert keys["robust", 3] == keys["dense", 3] != keys["dense", 4]
    assert asked.base.recipe.roles.key not in keys.values()


def test_all_that_is_wrong_with_the_arms_is_told_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        arms.chosen(["dense-early", "robsut", "densest"])
    assert [problem.where for problem in refused.value.problems] == [
        "robsut", "densest", "dense-early",
    ]  # fmt: skip


def test_robust_is_made_before_what_is_matched_to_it() -> None:
    names = [arm.name for arm in arms.chosen(["dense-early", "dense", "robust"])]
    assert names == ["robust", "dense-early", "dense"]


def test_no_name_means_every_control_and_every_defence() -> None:
    names = [arm.name for arm in arms.chosen([])]
    assert set(TODAY) < set(names)
    assert "robust+relaxloss" in names


def test_differential_privacy_chooses_by_nothing_that_looks_at_members(ask: Ask) -> None:
    groups = ["network.options={norm: group}"]
    found = recipe_of(ask, "robust+dp-sgd", overrides=groups).compress
    assert (found.objective, found.stop_early) == ("accuracy", 0)
    assert (found.pool.drop, found.pool.grow) == (("magnitude",), ("random",))


def test_the_claim_rests_on_stopping_in_time_and_on_chance() -> None:
    found = arms.pairings(["robust", "random", "dense-early", "set", "robust+hamp"])
    assert [p for p in found if p.primary] == [
        Pairing("robust", "dense-early", primary=True),
        Pairing("robust", "random", primary=True),
    ]
    assert Pairing("robust", "set", primary=False) in found
    assert Pairing("robust+hamp", "robust", primary=False) in found


def test_one_seed_is_refused_because_it_has_no_interval(ask: Ask) -> None:
    with pytest.raises(UsageError, match="one run says nothing"):
        ask(seeds=1)


def test_an_arm_that_the_recipe_cannot_express_is_refused_before_training(ask: Ask) -> None:
    with pytest.raises(UsageError) as refused:
        ask(["robust", "robust+prayer"])
    assert [problem.where for problem in refused.value.problems] == [
        "arm robust+prayer: defence.0.name"
    ]


def test_a_plan_reckons_with_the_accuracy_of_the_recipe(ask: Ask) -> None:
    plain, balanced = (
        design.plan(ask(overrides=[f"compress.accuracy={name}"])) for name in ("plain", "balanced")
    )
    first, second = (plan.detectable[-1] for plan in (plain, balanced))
    assert (first.metric, second.metric) == ("test accuracy", "balanced test accuracy")
    # Ten classes of nearly equal size: hardly more to detect than with plain accuracy.
    assert first.difference < second.difference < 1.1 * first.difference


def test_an_arm_that_compressing_would_refuse_is_refused_before_any_is_trained(ask: Ask) -> None:
    """DP-SGD beside batch norms, which the recipe's own checks cannot see."""
    with pytest.raises(UsageError) as refused:
        ask(["robust", "dense", "robust+dp-sgd"], overrides=["network.name=small-cnn"])
    (problem,) = refused.value.problems
    assert problem.where.startswith("arm robust+dp-sgd: ")
    assert "BatchNorm" in problem.found
    assert "group" in problem.remedy


def test_what_all_arms_share_is_told_once(ask: Ask) -> None:
    with pytest.raises(UsageError) as refused:
        ask(["robust", "dense"], overrides=["train.batch_size=5000"])
    (problem,) = refused.value.problems
    assert problem.where == "arm robust, dense: train.batch_size"
