"""What would void the guarantee of DP-SGD?"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from sc_deploy.compress.defences import budget
from sc_deploy.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from sc_deploy.compress.job import Job
    from sc_deploy.recipe import Recipe
    from sc_deploy.recipe.defence import DpSgd

DP: Final = "defence: dp-sgd"
LOSS_OF_ONE_SAMPLE: Final = frozenset({"label-smoothing", "confidence-penalty", "hamp"})
"""Defences under which a sample's loss depends on that sample alone."""
PRIVATE_DROPS: Final = frozenset({"magnitude", "threshold", "set"})
PRIVATE_GROWS: Final = frozenset({"random", "random-unfired", "none"})
"""Operators that look at nothing but private weights: post-processing, which costs nothing."""


def problems(job: Job, module: nn.Module) -> Iterator[Problem]:
    """Everything that speaks against DP-SGD in this job; nothing where the recipe has none.

    `module` is the network in training mode.
    """
    if (asked := budget.asked(job.recipe)) is None:
        return
    yield from _topology(job.recipe)
    yield from _selection(job.recipe)
    yield from _loss(job.recipe)
    yield from _surroundings(job, asked)
    if find_spec("opacus") is None:
        found = "needs the package opacus, which is not installed"
        yield Problem(DP, found, "pip install 'scdeploy[dp]'")
    else:
        yield from _network(module)
        yield from _noise(job, asked)


def _topology(recipe: Recipe) -> Iterator[Problem]:
    if recipe.sparse.density == 1.0:
        return
    pool = recipe.compress.pool
    for what, named, private in (
        ("drop", pool.drop, PRIVATE_DROPS),
        ("grow", pool.grow, PRIVATE_GROWS),
    ):
        if looking := sorted(set(named) - private):
            yield Problem(
                f"compress.pool.{what}",
                f"{', '.join(looking)} looks at the members' gradients or losses without noise",
                f"with dp-sgd choose from {', '.join(sorted(private))}",
            )


def _selection(recipe: Recipe) -> Iterator[Problem]:
    compress = recipe.compress
    competes = compress.selection == "objective" and recipe.sparse.density < 1.0
    if (competes or compress.keep == "best") and compress.objective != "accuracy":
        yield Problem(
            "compress.objective",
            f"is {compress.objective}, which chooses by attacks on members of the search role",
            "with dp-sgd set objective: accuracy, which asks validation samples alone; or "
            "selection: random and keep: last",
        )
    if compress.stop_early:
        found = "ends training by attacks on members of the search role"
        yield Problem("compress.stop_early", found, "with dp-sgd set it to 0")


def _loss(recipe: Recipe) -> Iterator[Problem]:
    for other in recipe.defence:
        if other.name not in LOSS_OF_ONE_SAMPLE and other.name != "dp-sgd":
            yield Problem(
                f"defence: {other.name}",
                "lets the loss of a sample depend on other members, which clipping does not bound",
                f"beside dp-sgd use only {', '.join(sorted(LOSS_OF_ONE_SAMPLE))}",
            )
    if recipe.train.class_weights != "none":
        found = "are counted from the members' labels without noise"
        yield Problem("train.class_weights", found, "with dp-sgd set it to none")


def _surroundings(job: Job, asked: DpSgd) -> Iterator[Problem]:
    if job.recipe.roles.declared_members is not None:
        found = "draws the members from what another model was trained on without noise"
        yield Problem("roles.declared_members", found, "with dp-sgd begin from random weights")
    if "int8" in job.recipe.export.precisions:
        found = "has int8, whose ranges are taken from members without noise"
        yield Problem("export.precisions", found, "with dp-sgd export other precisions")
    if job.recipe.compress.dtype != "float32":
        found = (
            f"is {job.recipe.compress.dtype}; gradients of single samples are clipped in float32"
        )
        yield Problem("compress.dtype", found, "with dp-sgd set it to float32")
    if asked.delta * len(job.members) >= 1.0:
        yield Problem(
            f"{DP}: delta",
            f"is {asked.delta:g} for {len(job.members)} members: publishing one of them whole "
            "would be as private",
            f"set it below {1 / len(job.members):.1g}",
        )


def _network(module: nn.Module) -> Iterator[Problem]:
    from opacus import GradSampleModule
    from opacus.validators import ModuleValidator

    found = [*ModuleValidator.validate(module), *GradSampleModule.validate(module)]
    if found:
        # One layer breaks several of its rules, and each comes with a lecture: the first will do.
        why = str(found[0]).partition(". ")[0].rstrip(".")
        yield Problem(
            "network",
            f"has layers without gradients of single samples: {why}",
            "set network.options.norm: group; a network of your own needs GroupNorm or LayerNorm",
        )


def _noise(job: Job, asked: DpSgd) -> Iterator[Problem]:
    try:
        budget.spent(job, asked)
    except UsageError as error:
        yield Problem(DP, error.what, error.remedy)
