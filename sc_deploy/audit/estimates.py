"""Which estimate answers a question about leakage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.questions import QUANTIZATION_AUC
from sc_deploy.audit.topic import RELATIVE
from sc_deploy.privacy.statistics.auc import auc, auc_change
from sc_deploy.privacy.statistics.bootstrap import tpr_change
from sc_deploy.privacy.statistics.cluster_bootstrap import tpr_change_by_unit
from sc_deploy.privacy.statistics.low_fpr import least_non_members, tpr_at_fpr

if TYPE_CHECKING:
    from sc_deploy.audit.questions import Question
    from sc_deploy.audit.scores import Scores
    from sc_deploy.privacy.statistics.estimate import Estimate


def answer(
    question: Question, artifact: Scores, source: Scores | None, *, confidence: float, seed: int
) -> Estimate | str:
    """The estimate, or in words why these scores cannot give one. `confidence` is two-sided."""
    if question.kind == RELATIVE and source is None:
        return "there are no source answers to compare with"
    if question.fpr is not None:
        lacking = too_few(artifact, question.fpr, confidence=confidence)
        if lacking:
            return lacking
    if question.kind == RELATIVE and source is not None:
        return _change(question, artifact, source, seed)
    if question.fpr is not None:
        return tpr_at_fpr(
            artifact.members, artifact.non_members, fpr=question.fpr, units=artifact.units
        )
    return auc(artifact.members, artifact.non_members, units=artifact.units)


def too_few(scores: Scores, fpr: float, *, confidence: float) -> str:
    """Why these non-members cannot resolve the rate, in words; empty if they can."""
    least = least_non_members(fpr, confidence=confidence)
    if scores.units is None:
        n = len(scores.non_members)
        return f"needs {least} non-members, {n} are there" if n < least else ""
    n = scores.units.independent[1]
    told = f"needs {least} independent non-members; those of one unit count together, and as {n}"
    return told if n < least else ""


def _change(question: Question, artifact: Scores, source: Scores, seed: int) -> Estimate | str:
    if question.metric == QUANTIZATION_AUC:
        if artifact.quantized is None or source.quantized is None:
            return "needs both models' answers on the reference roles"
        return auc_change(source.quantized, artifact.quantized, units=artifact.quantized_units)
    before, after = ((scores.members, scores.non_members) for scores in (source, artifact))
    units = artifact.units
    if question.fpr is None:
        return auc_change(before, after, units=units)
    if units is None:
        return tpr_change(before, after, fpr=question.fpr, seed=seed)
    return tpr_change_by_unit(before, after, fpr=question.fpr, units=units, seed=seed)
