"""How likely each check of a policy passes at given numbers of samples, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Final

from sc_deploy.audit.findings import accuracy
from sc_deploy.audit.questions import QUANTIZATION_AUC, asked, percent
from sc_deploy.audit.topic import RELATIVE
from sc_deploy.privacy.statistics import power
from sc_deploy.privacy.statistics.low_fpr import least_non_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sc_deploy.audit.questions import Question
    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.power import Scored, Sizes

    Chance = Callable[[Sizes], float]


class Part(StrEnum):
    """Which samples decide a check: a pair of roles, or test."""

    AUDIT = "audit"
    REFERENCE = "reference"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan takes for true of the file to come, since nothing has been measured yet.

    `auc` is what every attack truly reaches on it, .5 for no leak; `correlation` that of the
    scores of source and artifact on the same samples (about .9998 in fp16, .96 in int8);
    `conversion` and `compression` are the shares of answers that they change, without loss.
    """

    auc: float = 0.5
    correlation: float = 0.96
    conversion: float = 0.02
    compression: float = 0.10

    @property
    def scored(self) -> Scored:
        return power.Scored(self.auc, self.correlation)


@dataclass(frozen=True, slots=True)
class Demand:
    """One limit of the policy, for each of `times` attacks, and the chance that one bound lies
    below it with so many independent (members, non-members); test samples are given as both."""

    name: str
    part: Part
    limit: float
    times: int
    chance: Chance
    basis: str

    def passes(self, n: Sizes) -> float:
        return self.chance(n) if min(n) > 0 else 0.0


LOGIT: Final = "DeLong's bound on the logit scale; variance of Hanley & McNeil"
PAIRED: Final = "paired DeLong; scores of source and file correlate with {:g}"
BAND: Final = "order statistic of at least {:,} non-members, Clopper-Pearson of the members"
BOOTSTRAP: Final = "paired bootstrap; scores correlate with {:g}; at least {:,} non-members"
TANGO: Final = "Tango's score bound; {} of the answers change, as many won as lost"
QUANTIZED: Final = "{:,} samples choose the ranges, for int8 files only; paired DeLong"


def demands(policy: Policy, assumed: Assumptions, *, quantized: int) -> tuple[Demand, ...]:
    """Every limit of the policy that gates. `quantized` samples choose integer ranges, or 0."""
    attack = policy.attacks[0]
    first = [
        question
        for question in asked(policy, quantized=quantized > 0)
        if question.attack == attack and question.limit is not None
    ]
    leakage = (_leakage(policy, question, assumed, quantized) for question in first)
    return (*leakage, *_accuracy(policy, assumed))


def _leakage(policy: Policy, question: Question, assumed: Assumptions, quantized: int) -> Demand:
    chance, basis = _chance(question, assumed, policy.confidence, quantized)
    changed = "change of " if question.kind == RELATIVE else ""
    return Demand(
        name=f"{changed}{question.metric}",
        part=Part.REFERENCE if question.metric == QUANTIZATION_AUC else Part.AUDIT,
        limit=question.limit or 0.0,
        times=len(policy.attacks),
        chance=chance,
        basis=basis,
    )


def _chance(
    question: Question, assumed: Assumptions, confidence: float, quantized: int
) -> tuple[Chance, str]:
    truth, limit = assumed.scored, question.limit or 0.0
    if question.metric == QUANTIZATION_AUC:
        few = partial(_of_quantized, limit, truth, quantized, confidence)
        return few, QUANTIZED.format(quantized)
    if question.fpr is not None:
        return _rate_chance(question, limit, truth, confidence)
    if question.kind == RELATIVE:
        told = PAIRED.format(assumed.correlation)
        return lambda n: power.auc_change_passes(limit, n, truth, confidence=confidence), told
    return lambda n: power.auc_passes(limit, n, truth, confidence=confidence), LOGIT


def _rate_chance(
    question: Question, limit: float, truth: Scored, confidence: float
) -> tuple[Chance, str]:
    fpr = question.fpr or 0.0
    least = least_non_members(fpr, confidence=2.0 * confidence - 1.0)
    relative = question.kind == RELATIVE
    formula = power.tpr_change_passes if relative else power.tpr_passes

    def chance(n: Sizes) -> float:
        return formula(limit, n, truth, fpr=fpr, confidence=confidence) if n[1] >= least else 0.0

    told = BOOTSTRAP.format(truth.correlation, least) if relative else BAND.format(least)
    return chance, told


def _of_quantized(
    limit: float, truth: Scored, quantized: int, confidence: float, n: Sizes
) -> float:
    chosen = min(quantized, n[0])
    if not chosen:
        return 0.0
    return power.auc_change_passes(limit, (chosen, n[1]), truth, confidence=confidence)


def _accuracy(policy: Policy, assumed: Assumptions) -> Iterator[Demand]:
    limits = policy.accuracy
    asked_for = [(accuracy.COMPRESSION, limits.compression_loss, assumed.compression)]
    if policy.relative != "none":
        asked_for.insert(0, (accuracy.CONVERSION, limits.conversion_loss, assumed.conversion))
    for name, limit, changed in asked_for:
        if limit is not None:
            chance = partial(_kept, limit, changed, policy.confidence)
            told = TANGO.format(percent(changed))
            yield Demand(name, Part.TEST, limit, 1, chance, told)


def _kept(limit: float, changed: float, confidence: float, n: Sizes) -> float:
    return power.share_change_passes(limit, min(n), changed, confidence=confidence)
