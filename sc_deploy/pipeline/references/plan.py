"""What is each reference model of a run? Recipe, roles and folder, from the run's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy import digest
from sc_deploy.contracts import MEMBER_ROLES, NON_MEMBER_ROLES, TRAINED_ROLES, Role
from sc_deploy.errors import UsageError
from sc_deploy.pipeline import problem as problems
from sc_deploy.recipe.defence import Distillation
from sc_deploy.tasks import identity, redraw
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts import Roles
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One reference model: its number, a run folder of its own, and what it is made from.

    `roles` have the rows of the run's own. `key` is the digest of all that training depends on.
    """

    number: int
    run: RunFolder
    problem: Problem
    roles: Roles
    key: str

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Whether it was trained on each row of the roles: bool [n]."""
        codes = [list(Role).index(role) for role in TRAINED_ROLES]
        return np.isin(self.roles.role, codes)

    @property
    def stage(self) -> str:
        """Under which name the run's manifest holds it."""
        return f"references:{self.number}"


def planned(
    run: RunFolder, problem: Problem, roles: Roles, count: int, only: int | None = None
) -> tuple[Reference, ...]:
    """The `count` reference models of a run, or `only` one of them; `roles` are the run's.

    Trains and reads nothing.
    """
    if not count:
        return ()
    numbers = range(count) if only is None else (only,)
    key = bytes.fromhex(problem.recipe.roles.key)
    who = identity.identify(problem.task, key)
    found = []
    for number in numbers:
        own = replace(problem, recipe=_recipe(problem.recipe, number))
        dealt = redraw.redrawn(roles, who, key, number=number, count=count)
        folder = RunFolder(run.references / str(number))
        made_from = problems.training_digest(own, dealt)
        found.append(Reference(number, folder, own, dealt, made_from))
    return tuple(found)


def require_possible(problem: Problem, references: Sequence[Reference]) -> None:
    """Raise UsageError unless every sample is one that some reference model never saw."""
    if problem.brought.declared_members is not None:
        raise UsageError(
            "this run began from weights that have seen its members, and so would every "
            "reference model: none could tell what it is like not to know them",
            remedy="leave attacks that need reference models out of the policy, or train from "
            "random weights",
        )
    always = np.logical_and.reduce([reference.inside for reference in references])
    if always.any():
        raise UsageError(
            f"{int(always.sum())} samples would be trained on by all {len(references)} reference "
            "models",
            remedy=f"train {_enough(references)} of them with -n, or give roles.non_members as "
            "many samples as roles.members",
        )


def _enough(references: Sequence[Reference]) -> int:
    """So often doubled that no sample can lie in all blocks of the ring (`tasks.rotation`)."""
    roles = references[0].roles
    others = len(roles.rows(*NON_MEMBER_ROLES))
    count = 2 * len(references)
    while count * others < others + len(roles.rows(*MEMBER_ROLES)):
        count *= 2
    return count


def _recipe(recipe: Recipe, number: int) -> Recipe:
    """The same recipe with a seed of its own, and no dense baseline unless it teaches."""
    taught = any(isinstance(found, Distillation) for found in recipe.defence)
    changed = {"dense_baseline": recipe.compress.dense_baseline and taught}
    return recipe.model_copy(
        update={
            "seed": int(digest.of_json([recipe.seed, "reference of the audit", number])[:8], 16),
            "compress": recipe.compress.model_copy(update=changed),
        }
    )
