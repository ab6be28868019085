"""May this problem be trained? Everything that speaks against it, gathered in one pass."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from sc_deploy import registry
from sc_deploy.pipeline import jobs, locate
from sc_deploy.tasks import batches, nominal
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job
    from sc_deploy.contracts import Roles, SafetyTest, Task
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.recipe import Recipe
    from sc_deploy.refusals import Refusals

DRAWN: Final = ("task", "roles", "canaries")
"""The sections of a recipe that decide who serves what."""

WEIGHTS: Final = "network.weights"
"""Spoiled on its own: without these weights the network can still be asked about."""


def roles(problem: Problem, found: Refusals) -> Roles | None:
    """Who serves what; None, with the reasons in `found`, where that cannot be drawn."""
    return found.tried(partial(role_files.draw, problem.task, problem.recipe), reads=DRAWN)


def job(problem: Problem, drawn: Roles | None, found: Refusals) -> Job:
    """The job, ready to be trained. Raises what was found, before and here, all at once."""
    asked = examined(problem, drawn, found)
    found.require_none()
    assert asked is not None
    return asked


def examined(problem: Problem, drawn: Roles | None, found: Refusals) -> Job | None:
    """Ask everything that can be asked before training; what is refused goes to `found`.

    Where the roles could not be drawn, all else is asked of roles of the sizes that were wanted.
    """
    _ask_names(problem.recipe, found)
    if drawn is None and not _can_be_sampled(problem.task, found):
        return None
    standing = drawn or nominal.roles(problem.task, problem.recipe.roles)
    asked = found.tried(
        partial(jobs.job_with, problem, standing, _tests(problem.recipe, found)),
        about="network",
        reads=("task", "network"),
    )
    if asked is not None:
        _ask_job(asked, problem, found)
    return asked


def in_spite_of(problem: Problem, found: Refusals) -> None:
    """Add to what was found already all that a sound recipe would be refused for later."""
    if not locate.can_train():
        return
    examined(problem, roles(problem, found), found)


def _can_be_sampled(task: Task, found: Refusals) -> bool:
    """Whether there is a sample to build a network for."""
    if not task.x.ndim or not len(task.x):
        return False
    shape = found.tried(partial(batches.sample_shape, task), about="task: preprocess")
    return shape is not None


def _ask_names(recipe: Recipe, found: Refusals) -> None:
    """What would otherwise be refused after hours of training."""
    export = recipe.export
    builds = partial(locate.builds, export.targets, formats=(), precisions=export.precisions)
    found.tried(builds, about="export", reads=("export",))
    found.tried(partial(registry.device, recipe.audit.device), about="audit", reads=("audit",))


def _tests(recipe: Recipe, found: Refusals) -> list[SafetyTest]:
    """Those of the recipe's safety tests that are there."""
    tries = (
        found.tried(
            partial(registry.safety_test, name),
            about="compress.safety_tests",
            reads=("compress",),
        )
        for name in recipe.compress.safety_tests
    )
    return [test for test in tries if test is not None]


def _ask_job(asked: Job, problem: Problem, found: Refusals) -> None:
    from sc_deploy.compress.checks import require_trainable

    seed = problem.recipe.seed
    plain = partial(jobs.fresh, asked.network, problem)
    if found.tried(partial(plain, seed), about="network", spoils=("network",)) is None:
        pass
    elif _brings(problem.recipe) and (
        found.tried(partial(asked.factory, seed), about=WEIGHTS, reads=(WEIGHTS,)) is None
    ):
        # What else is wrong can be seen without them.
        asked = replace(asked, factory=plain)
    found.tried(partial(require_trainable, asked, spoiled=found.spoiled))


def _brings(recipe: Recipe) -> bool:
    network = recipe.network
    return bool(network.weights or (network.pretrained and not network.from_scratch))
