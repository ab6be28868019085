"""How much one model leaks: every attack on it, in figures that belong to no single sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit.estimates import too_few
from sc_deploy.audit.findings.accuracy import accuracy, balanced
from sc_deploy.contracts import AttackResult, OperatingPoint, Rate, Role, Subject
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.clustered import balanced_share
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr
from sc_deploy.privacy.statistics.proportion import Decisions, balanced_accuracy
from sc_deploy.privacy.statistics.roc import curve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.audit.scores import Scores
    from sc_deploy.contracts import Predictions
    from sc_deploy.contracts.arrays import Int64, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What to report: the two-sided confidence of intervals, the false-positive rates, the ids
    of samples without label noise (None where there was none), and the unit of each sample by
    role, where samples come in units. `balanced` accuracies are means over classes, for samples
    without units."""

    confidence: float
    fprs: tuple[float, ...]
    clean: UInt8 | None
    units: Mapping[Role, Int64] = field(default_factory=dict)
    balanced: bool = False

    def accuracy(self, answers: Mapping[Role, Predictions], role: Role) -> Rate:
        if self.balanced:
            return balanced(answers[role], confidence=self.confidence)
        return accuracy(answers[role], confidence=self.confidence, unit=self.units.get(role))


def subject(
    name: str, answers: Mapping[Role, Predictions], scores: Sequence[Scores], view: View
) -> Subject:
    test = view.accuracy(answers, Role.TEST)
    return Subject(
        name=name,
        accuracy=test,
        member_accuracy=view.accuracy(answers, Role.MEMBER_AUDIT),
        attacks=tuple(attack_result(found, test, view) for found in scores),
        clean_auc=_clean_auc(answers, scores, view),
    )


def attack_result(scores: Scores, test: Rate, view: View) -> AttackResult:
    attacked = attack_accuracy(scores, confidence=view.confidence)
    return AttackResult(
        attack=scores.attack,
        auc=auc(scores.members, scores.non_members, units=scores.units).rate(view.confidence),
        tpr=tuple(operating_point(scores, fpr, view.confidence) for fpr in view.fprs),
        accuracy=attacked,
        tm_score=_tm_score(test, attacked),
        tie_mass=tie_mass(scores),
        curve=curve(scores.members, scores.non_members),
    )


def attack_accuracy(scores: Scores, *, confidence: float) -> Rate:
    """Balanced accuracy at the threshold that calibration samples chose."""
    named, spared = scores.members >= scores.threshold, scores.non_members < scores.threshold
    if scores.units is not None:
        return balanced_share(named, spared, scores.units, confidence=confidence)
    decisions = Decisions(int(named.sum()), len(named), int(spared.sum()), len(spared))
    return balanced_accuracy(decisions, confidence=confidence)


def operating_point(scores: Scores, fpr: float, confidence: float) -> OperatingPoint:
    if lacking := too_few(scores, fpr, confidence=confidence):
        return OperatingPoint(fpr, None, None, lacking)
    found = tpr_at_fpr(scores.members, scores.non_members, fpr=fpr, units=scores.units)
    return OperatingPoint(fpr, found.rate(confidence), found.realised_fpr, "")


def tie_mass(scores: Scores) -> float:
    """The largest share of all samples that have one and the same score."""
    both = np.concatenate([scores.members, scores.non_members])
    return float(np.unique(both, return_counts=True)[1].max()) / len(both)


def _tm_score(test: Rate, attacked: Rate) -> Rate:
    """Test accuracy over attack accuracy, which never counts as less than a coin's one half."""
    low, value, high = (max(0.5, part) for part in (attacked.low, attacked.value, attacked.high))
    return Rate(test.value / value, test.low / high, test.high / low, test.n, test.confidence)


def _clean_auc(
    answers: Mapping[Role, Predictions], scores: Sequence[Scores], view: View
) -> Rate | None:
    """The loss attack's AUC on samples whose label is their own; None where too few are."""
    found = next((found for found in scores if found.attack == "loss"), None)
    if view.clean is None or found is None:
        return None
    ids = frozenset(row.tobytes() for row in view.clean)
    inside, outside = (
        np.flatnonzero([row.tobytes() in ids for row in answers[role].sample_id])
        for role in (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT)
    )
    if not len(inside) or not len(outside):
        return None
    units = None if found.units is None else found.units.take(inside, outside)
    clean = auc(found.members[inside], found.non_members[outside], units=units)
    return clean.rate(view.confidence)
