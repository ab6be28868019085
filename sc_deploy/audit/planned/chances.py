"""How likely each check of a policy passes at given numbers of samples, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from sc_deploy.audit.findings import accuracy
from sc_deploy.audit.planned import coins, subsets
from sc_deploy.audit.planned.demand import Assumptions, Demand, Part
from sc_deploy.audit.questions import QUANTIZATION_AUC, asked, percent
from sc_deploy.audit.topic import RELATIVE
from sc_deploy.privacy.statistics import power
from sc_deploy.privacy.statistics.low_fpr import least_non_members

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sc_deploy.audit.planned.demand import Chance
    from sc_deploy.audit.planned.subsets import Makeup
    from sc_deploy.audit.questions import Question
    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.power import Scored, Sizes

LOGIT: Final = "DeLong's bound on the logit scale; variance of Hanley & McNeil"
PAIRED: Final = "paired DeLong; scores of source and file correlate with {:g}"
BAND: Final = "order statistic of at least {:,} non-members, Clopper-Pearson of the members"
BOOTSTRAP: Final = "paired bootstrap; scores correlate with {:g}; at least {:,} non-members"
TANGO: Final = "Tango's score bound; {} of the answers change, as many won as lost"
QUANTIZED: Final = "{:,} samples choose the ranges, for int8 files only; paired DeLong"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a policy is held against: how many samples choose integer ranges (0: none), what the
    audit samples are, and whether canaries are planted."""

    quantized: int
    makeup: Makeup
    canaries: bool


def demands(policy: Policy, assumed: Assumptions, at: Circumstances) -> tuple[Demand, ...]:
    """Every limit of the policy that gates there, each metric once."""
    return (
        *_leakage(policy, assumed, at.quantized),
        *subsets.demands(policy, assumed, at.makeup),
        *_accuracy(policy, assumed),
        *(coins.demands(policy, assumed) if at.canaries else ()),
    )


def _leakage(policy: Policy, assumed: Assumptions, quantized: int) -> Iterator[Demand]:
    """An attack that sees labels alone has an AUC, with ties that only narrow its bound, and no
    rates: so each metric is counted by the attacks that are asked for it."""
    gating = [q for q in asked(policy, quantized=quantized > 0) if q.limit is not None]
    metrics: dict[tuple[str, str], list[Question]] = {}
    for question in gating:
        metrics.setdefault((question.kind, question.metric), []).append(question)
    for questions in metrics.values():
        yield _demand(policy, questions, assumed, quantized)


def _demand(
    policy: Policy, questions: Sequence[Question], assumed: Assumptions, quantized: int
) -> Demand:
    question = questions[0]
    chance, basis = _chance(question, assumed, policy.confidence, quantized)
    changed = "change of " if question.kind == RELATIVE else ""
    return Demand(
        name=f"{changed}{question.metric}",
        part=Part.REFERENCE if question.metric == QUANTIZATION_AUC else Part.AUDIT,
        limit=question.limit or 0.0,
        times=len(questions),
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
