"""What a study plans and finds: arms over seeds, held against their controls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sc_deploy.contracts.measurement import Rate
from sc_deploy.contracts.verdict import Subject

STRONGEST = "strongest"
"""Stands in place of an attack's name for the worst of all attacks, seed by seed."""


class Answer(StrEnum):
    """How an arm did against a control, on test accuracy and on leakage at once."""

    BEATS = "beats"
    LOSES = "loses to"
    TRADES = "trades off against"
    UNDECIDED = "is not told apart from"


@dataclass(frozen=True, slots=True)
class PlannedArm:
    """One way to make a model: what it changes in the recipe, as `key.path=value`.

    `late` marks an arm that was added when results of others were known already.
    """

    name: str
    description: str
    settings: tuple[str, ...]
    late: bool


@dataclass(frozen=True, slots=True)
class Pairing:
    """An arm that is held against a control; `primary` ones carry the claim."""

    arm: str
    control: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Detectable:
    """The least true difference of two arms that the plan finds with its power.

    `basis` says what it was computed from, before anything was trained.
    """

    metric: str
    difference: float
    basis: str


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What is fixed before the first arm starts.

    `recipe_digest` covers the recipe without its key, seed and policy, `key_digest` the key, so
    that nothing secret is in it. `luck` is an upper bound of what the strongest attack's AUC
    shows above 1/2 on average for a model that leaks nothing. `accuracy` names how the recipe
    counts it, in every choice and every figure of the study.
    """

    recipe: str
    recipe_digest: str
    key_digest: str
    seeds: tuple[int, ...]
    arms: tuple[PlannedArm, ...]
    pairings: tuple[Pairing, ...]
    attacks: tuple[str, ...]
    fpr: float
    confidence: float
    power: float
    samples: tuple[tuple[str, int], ...]
    detectable: tuple[Detectable, ...]
    luck: float
    accuracy: Literal["plain", "balanced"] = "plain"

    @property
    def accuracy_name(self) -> str:
        return "balanced accuracy" if self.accuracy == "balanced" else "accuracy"


@dataclass(frozen=True, slots=True)
class Cost:
    """What making one model took: wall seconds, and samples that went through the network.

    `trained` counts those of training steps, `examined` those of examinations. `whole` is false
    where the making was interrupted, so that a part of it was not counted.
    """

    seconds: float
    trained: int
    examined: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """One arm with one seed: the model that was kept, audited on samples no choice ever saw.

    `step` counts the training steps behind the kept weights. `note` says what a reader must
    know, such as an accuracy that could not be matched.
    """

    arm: str
    seed: int
    roles_digest: str
    model_digest: str
    step: int
    density: float
    validation: Rate
    subject: Subject
    cost: Cost
    note: str


@dataclass(frozen=True, slots=True)
class AttackFigures:
    """One attack, or the strongest of all, on one arm: means over seeds, `n` counting seeds.

    `tpr` is None where the audit samples cannot resolve the plan's false-positive rate.
    """

    attack: str
    auc: Rate
    tpr: Rate | None
    accuracy: Rate
    tm_score: Rate


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm: means over seeds with their intervals, `n` counting seeds.

    `front` says whether no other arm has both a larger mean accuracy and a smaller mean AUC of
    the strongest attack. `seconds`, `trained` and `examined` are None where no seed was made
    without interruption.
    """

    name: str
    seeds: int
    density: float
    accuracy: Rate
    member_accuracy: Rate
    attacks: tuple[AttackFigures, ...]
    clean_auc: Rate | None
    step: float
    seconds: float | None
    trained: float | None
    examined: float | None
    front: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Arm minus control, paired by seed: means with intervals over seeds.

    `auc` and `strongest` are changes of AUC, below zero where the arm leaks less.
    """

    arm: str
    control: str
    primary: bool
    accuracy: Rate
    auc: Rate
    strongest: Rate
    answer: Answer
    sentence: str


@dataclass(frozen=True, slots=True)
class Study:
    """Plan, every trial, and what they say together. `missing` are (arm, seed) not yet done."""

    schema_version: int
    tool_version: str
    plan: StudyPlan
    trials: tuple[Trial, ...]
    missing: tuple[tuple[str, int], ...]
    arms: tuple[ArmFigures, ...]
    comparisons: tuple[Comparison, ...]
