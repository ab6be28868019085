"""What is compressed: the recipe with all that it names, resolved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy import digest
from sc_deploy.compress.processes.ranks import ALONE, Ranks
from sc_deploy.compress.safety.background import NOTHING, Background
from sc_deploy.contracts import TRAINED_ROLES, Role, SafetyTest

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from sc_deploy.contracts import Channel, NetworkSpec, Roles, Task
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.recipe import Recipe

SECTIONS: Final = {
    "schema_version", "seed", "task", "roles", "network", "train", "defence", "canaries",
    "sparse", "compress",
}  # fmt: skip
"""The parts of a recipe that the compressed weights depend on."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One compression. `factory(seed)` gives the network of `network`, freshly initialised.

    `safety_tests` are those that the recipe names, in its order; `background` is what they see
    that no candidate changes, once it is made. `ranks` are the processes that share its work.
    `probed` are the answers to altered samples that the attacks of the policy read.
    """

    recipe: Recipe
    task: Task
    roles: Roles
    network: NetworkSpec
    factory: Callable[[int], nn.Module]
    safety_tests: tuple[SafetyTest, ...]
    background: Background = NOTHING
    ranks: Ranks = ALONE
    probed: frozenset[Channel] = frozenset()

    @property
    def members(self) -> Int64:
        """Rows of `roles` that are trained on, int64 [n], canaries of that side included."""
        return self.roles.rows(*TRAINED_ROLES)

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches only: a batch norm cannot train on a rest of one sample."""
        return len(self.members) // self.recipe.train.batch_size

    @property
    def steps(self) -> int:
        """Training steps of the one path from the first weights to the last."""
        return self.recipe.train.epochs * self.steps_per_epoch

    @property
    def inhabited(self) -> tuple[Role, ...]:
        """The roles that have samples."""
        return tuple(role for role in Role if len(self.roles.rows(role)))

    @property
    def exam_roles(self) -> tuple[Role, ...]:
        """The roles whose samples candidates are examined on."""
        read = {Role.VALIDATION}.union(*(test.reads for test in self.safety_tests))
        return tuple(role for role in Role if role in read)


def recipe_digest(recipe: Recipe) -> str:
    """Digest of the recipe's parts that the weights depend on; not of exports or the audit."""
    return digest.of_json(recipe.model_dump(mode="json", include=set(SECTIONS)))


def key(job: Job) -> str:
    """Digest of everything that a compression is made from."""
    return digest.of_json(
        {
            "recipe": recipe_digest(job.recipe),
            "roles": job.roles.digest,
            "network": asdict(job.network),
            "safety_tests": [test.name for test in job.safety_tests],
        }
    )
