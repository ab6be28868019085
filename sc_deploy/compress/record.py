"""What did training do that its weights do not show?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.compress.defences import budget
from sc_deploy.compress.defences.budget import Spent  # noqa: TC001 (pydantic resolves it)
from sc_deploy.compress.training.skips import Skips
from sc_deploy.contracts import CANARY_ROLES, Diverged

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import TrainingState

SCHEMA_VERSION: Final = 1
FILE: Final = "training.json"


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """`training.json`: how the kept weights came about.

    `steps` and `skipped_updates` are those of the path to the kept weights; a skipped one counts
    as a step. `canaries` are how many were planted, trained on and not: how many of each is a
    part of the secret. `privacy` is None without DP-SGD. `diverged` are the candidates of all
    rounds that were left out.
    """

    schema_version: int
    steps: int
    skipped_updates: int
    defences: tuple[str, ...]
    canaries: int
    privacy: Spent | None
    diverged: tuple[Diverged, ...] = ()


def of(job: Job, kept: TrainingState, diverged: tuple[Diverged, ...] = ()) -> TrainingRecord:
    """The record of a finished job whose weights are those of `kept`."""
    dp = budget.asked(job.recipe)
    return TrainingRecord(
        schema_version=SCHEMA_VERSION,
        steps=kept.step,
        skipped_updates=Skips.of(kept).total,
        defences=tuple(found.name for found in job.recipe.defence),
        canaries=len(job.roles.rows(*CANARY_ROLES)),
        privacy=None if dp is None else budget.spent(job, dp),
        diverged=diverged,
    )
