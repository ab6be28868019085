"""A recipe's own data beside what its policy needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.audit.planned.demand import Part
from sc_deploy.audit.planned.planner import Request
from sc_deploy.contracts import Tier
from sc_deploy.errors import UsageError
from sc_deploy.pipeline import plan, start
from sc_deploy.pipeline import problem as problems
from sc_deploy.policy import Absolute, Accuracy, Policy, Relative, Slices, small
from sc_deploy.tasks.arrays import ArrayTask

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.pipeline.problem import Problem

LOOSE = Policy(
    name="loose",
    low_fpr_tier=Tier.T0,
    min_audit_samples=100,
    attacks=("loss",),
    absolute=Absolute(auc=0.65, tpr=()),
    relative=Relative(auc=0.1, tpr=()),
    accuracy=Accuracy(conversion_loss=0.1, compression_loss=0.15),
)


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    """The digits, 1,797 samples, under a policy that they can decide."""
    start.write(tmp_path, start.Wish("digits"), size="small", overwrite=False)
    return replace(problems.load(tmp_path / "recipe.yaml"), policy=LOOSE)


def with_units(problem: Problem, each: int) -> Problem:
    assert isinstance(problem.task, ArrayTask)
    unit = np.arange(len(problem.task.y)) // each
    return replace(problem, task=replace(problem.task, unit=unit))


def test_what_the_roles_hold_is_what_training_would_draw(problem: Problem) -> None:
    found = plan.for_recipe(problem, Request())
    given = found.request.given
    assert given is not None
    assert given.sizes[Part.AUDIT] == (359, 359)
    assert found.given is not None
    assert found.given >= 0.9
    assert found.request.quantized == 0


def test_integer_files_are_planned_where_the_recipe_builds_them(problem: Problem) -> None:
    export = problem.recipe.export.model_copy(update={"precisions": ("fp32", "int8")})
    both = replace(problem, recipe=problem.recipe.model_copy(update={"export": export}))
    found = plan.for_recipe(both, Request())
    assert found.request.quantized == export.quantization_samples


def test_samples_in_units_are_counted_as_what_they_are_worth(problem: Problem) -> None:
    with pytest.raises(UsageError) as refused:
        plan.for_recipe(with_units(problem, 10), Request())
    audit = next(p for p in refused.value.problems if p.where == "audit role")
    assert "independent samples" in audit.found
    held = int(audit.found.split()[1])
    assert held <= 40


def test_every_shortage_of_the_default_policy_is_told_at_once(problem: Problem) -> None:
    with pytest.raises(UsageError) as refused:
        plan.for_recipe(replace(problem, policy=small()), Request())
    assert [p.where for p in refused.value.problems] == ["audit role", "test role", "canaries"]


def test_a_lower_chance_can_be_accepted(problem: Problem) -> None:
    tighter = LOOSE.model_copy(
        update={"accuracy": Accuracy(conversion_loss=0.05, compression_loss=0.15)}
    )
    asked = replace(problem, policy=tighter)
    with pytest.raises(UsageError):
        plan.for_recipe(asked, Request(power=0.999))
    assert plan.for_recipe(asked, Request(power=0.5)).given is not None


def test_more_files_than_looks_are_refused(problem: Problem) -> None:
    once = replace(problem, policy=LOOSE.model_copy(update={"most_looks": 1}))
    with pytest.raises(UsageError) as refused:
        plan.for_recipe(once, Request())
    assert [p.where for p in refused.value.problems] == ["most_looks"]


def test_a_limit_on_an_attribute_that_the_task_does_not_name_is_refused(problem: Problem) -> None:
    asked = LOOSE.model_copy(update={"attribute": 0.3})
    with pytest.raises(UsageError) as refused:
        plan.for_recipe(replace(problem, policy=asked), Request())
    assert [p.where for p in refused.value.problems] == ["attribute inferred beyond the label"]


def test_slices_are_planned_with_the_classes_that_were_drawn(problem: Problem) -> None:
    """The digits: 359 audit samples a side, about 36 of each class, and 50 are the least."""
    asked = LOOSE.model_copy(update={"slices": Slices(auc=0.9, required=True)})
    with pytest.raises(UsageError) as refused:
        plan.for_recipe(replace(problem, policy=asked), Request())
    assert [p.where for p in refused.value.problems] == ["audit role"]
    assert "AUC by class and group passes in 0 %" in refused.value.problems[0].found


def test_labels_alone_are_refused_where_a_rate_has_a_limit(problem: Problem) -> None:
    labels = small().model_copy(update={"attacks": ("gap",)})
    with pytest.raises(UsageError) as refused:
        plan.for_policy(labels, Request())
    assert any("sees labels alone" in problem.found for problem in refused.value.problems)
