"""Which defences contradict each other, or other settings of the recipe?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Role
from sc_deploy.errors import Problem
from sc_deploy.recipe.defence import Distillation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.compress.job import Job

CONTRADICTIONS: Final = {
    ("label-smoothing", "hamp"): "both set how soft the labels are",
    ("label-smoothing", "relaxloss"): "a smoothed loss has a level of its own below which "
    "it cannot fall",
    ("hamp", "relaxloss"): "a loss on soft labels has a level of its own below which it cannot "
    "fall",
    ("distillation", "relaxloss"): "the one draws the posteriors to a teacher, the other away "
    "from certainty",
    ("confidence-penalty", "hamp"): "hamp prices certainty itself",
}
"""Pairs that pull at the same thing, with why."""


def problems(job: Job) -> Iterator[Problem]:
    """Everything that speaks against the recipe's defences, DP-SGD's guarantee aside."""
    names: list[str] = [found.name for found in job.recipe.defence]
    yield from _repeated(names)
    for (first, second), why in CONTRADICTIONS.items():
        if first in names and second in names:
            yield Problem(f"defence: {first}, {second}", why, "keep one of the two")
    for found in job.recipe.defence:
        if isinstance(found, Distillation):
            yield from _teacher(job, found)


def role_problems(job: Job) -> Iterator[Problem]:
    """Roles that a defence needs and that nobody serves."""
    names = [found.name for found in job.recipe.defence]
    if "adversarial-regularisation" in names and not len(job.roles.rows(Role.NON_MEMBER_REFERENCE)):
        yield Problem(
            "defence: adversarial-regularisation",
            f"role {Role.NON_MEMBER_REFERENCE} has no samples for its attacker",
            "raise roles.fractions.reference",
        )


def _repeated(names: list[str]) -> Iterator[Problem]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(f"defence: {name}", f"stands there {names.count(name)} times", "name it once")


def _teacher(job: Job, asked: Distillation) -> Iterator[Problem]:
    recipe = job.recipe
    if asked.teacher == "dense" and not recipe.compress.dense_baseline:
        yield Problem(
            "defence: distillation",
            "its teacher is the dense baseline, which compress.dense_baseline leaves out",
            "set compress.dense_baseline: true, or teacher: brought with network.weights",
        )
    if asked.teacher == "brought" and recipe.network.weights is None:
        yield Problem(
            "defence: distillation",
            "its teacher is brought, and network.weights brings none",
            "set network.weights, or teacher: dense",
        )
