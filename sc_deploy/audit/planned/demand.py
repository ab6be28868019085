"""One limit of a policy, as a chance that depends on the number of samples."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sc_deploy.privacy.statistics import power

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.privacy.statistics.power import Scored, Sizes

    Chance = Callable[[Sizes], float]


class Part(StrEnum):
    """Which samples decide a check: a pair of roles, or test, or canaries."""

    AUDIT = "audit"
    REFERENCE = "reference"
    TEST = "test"
    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan takes for true of the file to come, since nothing has been measured yet.

    `auc` is what every attack truly reaches on it, .5 for no leak; `correlation` that of the
    scores of source and artifact on the same samples (about .9998 in fp16, .96 in int8);
    `conversion` and `compression` are the shares of answers that they change, without loss;
    `canary_auc` is what guesses about canaries truly reach; `attribute` is the share of guesses
    about the sensitive attribute that answers change against the label alone, without gain.
    """

    auc: float = 0.5
    correlation: float = 0.96
    conversion: float = 0.02
    compression: float = 0.10
    canary_auc: float = 0.5
    attribute: float = 0.10

    @property
    def scored(self) -> Scored:
        return power.Scored(self.auc, self.correlation)


@dataclass(frozen=True, slots=True)
class Demand:
    """One limit of the policy, for each of `times` attacks, and the chance that one bound lies
    below it with so many independent (members, non-members); test samples and canaries, which
    have no two sides, are given as both."""

    name: str
    part: Part
    limit: float
    times: int
    chance: Chance
    basis: str

    def passes(self, n: Sizes) -> float:
        return self.chance(n) if min(n) > 0 else 0.0
