"""What is fixed before the first arm of a study starts?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy import digest
from sc_deploy.contracts import Detectable, PlannedArm, Role, StudyPlan
from sc_deploy.errors import UsageError
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline.study import allowed
from sc_deploy.pipeline.study.arms import pairings
from sc_deploy.privacy.statistics import seeds as statistics
from sc_deploy.tasks import deal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sc_deploy.pipeline.problem import Problem as Asked
    from sc_deploy.pipeline.study.arms import Arm

CONFIDENCE: Final = 0.95
POWER: Final = 0.8
FPR: Final = 0.01
EVERY_ARM: Final = ("compress.dense_baseline=false",)


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A study as it was asked for: the recipe's problem, its file, and the `--set` of the user."""

    base: Asked
    config: Path
    overrides: tuple[str, ...]
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]

    def problem(self, arm: Arm, seed: int) -> Asked:
        """The problem of one arm with one seed. Raises UsageError if the recipe refuses it.

        Each seed draws roles of its own, the same for all arms: its key comes from the recipe's.
        """
        own = (f"seed={seed}", f"roles.key={seed_key(self.base.recipe.roles.key, seed)}")
        settings = (*self.overrides, *EVERY_ARM, *arm.settings, *own)
        return problems.variant(self.base, self.config, settings)


def design(
    base: Asked, config: Path, overrides: Sequence[str], *, arms: Sequence[Arm], seeds: int
) -> Design:
    """A study of these arms with `seeds` seeds from the recipe's on.

    Raises UsageError for a single seed, and what `allowed.require_all` does for arms that cannot
    be made.
    """
    if seeds < 2:
        raise UsageError(
            f"--seeds is {seeds}, and one run says nothing about the next",
            remedy="use at least 2; 5 or more for a claim",
        )
    first = base.recipe.seed
    asked = Design(base, config, tuple(overrides), tuple(arms), tuple(range(first, first + seeds)))
    allowed.require_all(asked)
    return asked


def seed_key(key: str, seed: int) -> str:
    """The key that draws the roles of one seed: 64 hex digits, a secret as the recipe's is."""
    return hashlib.sha256(f"{key}|study|{seed}".encode()).hexdigest()


def plan(asked: Design) -> StudyPlan:
    """The plan of a study, with what it could detect, from counts of samples and seeds alone."""
    recipe = asked.base.recipe
    counts = deal.amounts(recipe.roles, len(asked.base.task.y))
    names = [arm.name for arm in asked.arms]
    told = recipe.model_dump(mode="json", exclude={"seed": True, "policy": True, "roles": {"key"}})
    members, others = counts[Role.MEMBER_AUDIT], counts[Role.NON_MEMBER_AUDIT]
    attacks = asked.base.policy.attacks
    return StudyPlan(
        recipe=asked.config.name,
        recipe_digest=digest.of_json(told),
        key_digest=hashlib.sha256(bytes.fromhex(recipe.roles.key)).hexdigest(),
        seeds=asked.seeds,
        arms=tuple(PlannedArm(a.name, a.description, a.settings, late=False) for a in asked.arms),
        pairings=pairings(names),
        attacks=tuple(attacks),
        fpr=FPR,
        confidence=CONFIDENCE,
        power=POWER,
        samples=tuple((role.value, count) for role, count in counts.items()),
        detectable=tuple(_detectable(asked, counts)),
        luck=statistics.luck(statistics.auc_spread(members, others), len(attacks)),
        accuracy=recipe.compress.accuracy,
    )


def _detectable(asked: Design, counts: dict[Role, int]) -> list[Detectable]:
    seeds = len(asked.seeds)
    members, others = counts[Role.MEMBER_AUDIT], counts[Role.NON_MEMBER_AUDIT]
    low = (
        statistics.share_spread(FPR, members) ** 2 + statistics.share_spread(FPR, others) ** 2
    ) ** 0.5
    sizes = f"{members:,} members and {others:,} non-members a seed, {seeds} seeds"
    spreads = (
        ("AUC", statistics.auc_spread(members, others), f"Mann-Whitney variance at 1/2, {sizes}"),
        ("TPR at 1 % FPR", low, f"binomial variance of both rates at chance, {sizes}"),
        _accuracy_spread(asked, counts[Role.TEST]),
    )
    return [
        Detectable(
            metric,
            statistics.detectable(2**0.5 * spread, seeds, confidence=CONFIDENCE, power=POWER),
            basis,
        )
        for metric, spread, basis in spreads
    ]


def _accuracy_spread(asked: Design, test: int) -> tuple[str, float, str]:
    """Name, standard deviation and basis of the accuracy that the recipe asks for."""
    sizes = f"{test:,} test samples a seed, {len(asked.seeds)} seeds"
    if asked.base.recipe.compress.accuracy == "plain":
        spread = statistics.share_spread(0.5, test)
        return "test accuracy", spread, f"largest binomial variance, {sizes}"
    import numpy as np

    labels = asked.base.task.y
    own = test * np.unique(labels, return_counts=True)[1] / len(labels)
    spread = 0.5 * float(np.sqrt(np.sum(1.0 / own))) / len(own)
    return "balanced test accuracy", spread, f"largest binomial variance of each class, {sizes}"
