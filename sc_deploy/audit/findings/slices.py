"""Whether some class or group leaks more than the average over all samples tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from sc_deploy.audit.estimates import too_few
from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.questions import rates_asked, two_sided
from sc_deploy.contracts import Excess, Slice
from sc_deploy.privacy.attacks import COARSE
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sc_deploy.audit.scores import Exposed, Scores
    from sc_deploy.contracts import Rate
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.auc import Auc

NAME: Final = "AUC by class and group"
CLASS, GROUP = "class", "group"
# Of each side, independent. DeLong's variance is a guess on fewer, and a small count is about
# people.
LEAST: Final = 50
CHANCE: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One class or group: rows int64 [k] of the audit members, and non-members, that belong."""

    by: str
    name: str
    members: Int64
    non_members: Int64


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """The scores of one attack within one part; `auc` None where there are too few."""

    part: _Part
    scores: Scores
    auc: Auc | None

    def tpr(self, fpr: float, confidence: float) -> Rate | None:
        if self.scores.attack in COARSE or too_few(self.scores, fpr, confidence=confidence):
            return None
        inside, outside = self.scores.members, self.scores.non_members
        return tpr_at_fpr(inside, outside, fpr=fpr, units=self.scores.units).rate(confidence)


def slices(
    model: Exposed, scores: Sequence[Scores], policy: Policy, classes: Sequence[str] = ()
) -> tuple[tuple[Slice, ...], Excess | None]:
    """Every class and group under every attack, and what a FAIL over them may rest on.

    The excess is one p-value for "some slice lies above the policy's limit": the smallest of all,
    times their number (Bonferroni), so that slices take part in the gate's Holm correction as a
    single hypothesis. None where the policy sets no limit or no slice is large enough.
    """
    parts = list(_parts(model, classes))
    whole = [len(model.answers[role].labels) for role in AUDIT]
    found = [
        _measured(part, attack)
        for attack in scores
        # An attack that asks about some samples alone cannot be cut by the others' classes.
        if [len(attack.members), len(attack.non_members)] == whole
        for part in parts
    ]
    aucs = [entry.auc for entry in found if entry.auc is not None]
    adjusted = iter(_adjusted(aucs))
    told = tuple(
        _too_small(entry)
        if entry.auc is None
        else _told(entry, entry.auc, policy, (len(aucs), *next(adjusted)))
        for entry in found
    )
    return told, _excess(aucs, policy.slices.auc)


def _parts(model: Exposed, classes: Sequence[str]) -> Iterator[_Part]:
    labels = [model.answers[role].labels for role in AUDIT]
    for part in _values(CLASS, labels[0], labels[1]):
        number = int(part.name)
        named = classes[number] if number < len(classes) else part.name
        yield _Part(CLASS, named, part.members, part.non_members)
    inside, outside = (known.attribute for known in model.beside(AUDIT))
    if inside is not None and outside is not None:
        yield from _values(GROUP, inside, outside)


def _values(by: str, inside: Int64, outside: Int64) -> Iterator[_Part]:
    for value in np.unique(np.concatenate([inside, outside])):
        rows = (np.flatnonzero(side == value).astype(np.int64) for side in (inside, outside))
        yield _Part(by, str(value), *rows)


def _measured(part: _Part, scores: Scores) -> _Measured:
    units = None if scores.units is None else scores.units.take(part.members, part.non_members)
    cut = replace(
        scores,
        members=scores.members[part.members],
        non_members=scores.non_members[part.non_members],
        units=units,
    )
    sizes = (len(cut.members), len(cut.non_members)) if units is None else units.independent
    if min(sizes) < LEAST:
        return _Measured(part, cut, None)
    return _Measured(part, cut, auc(cut.members, cut.non_members, units=units))


def _adjusted(aucs: Sequence[Auc]) -> list[tuple[float, float]]:
    """The p-value of each against chance, as it is and corrected for their number."""
    if not aucs:
        return []
    p = [estimate.p_above(CHANCE) for estimate in aucs]
    return list(zip(p, map(float, stats.false_discovery_control(p, method="bh")), strict=True))


def _excess(aucs: Sequence[Auc], limit: float | None) -> Excess | None:
    if limit is None or not aucs:
        return None
    smallest = min(estimate.p_above(limit) for estimate in aucs)
    return Excess(NAME, limit, min(1.0, len(aucs) * smallest))


def _too_small(found: _Measured) -> Slice:
    return Slice(
        attack=found.scores.attack,
        by=found.part.by,
        name=found.part.name,
        members=None,
        non_members=None,
        auc=None,
        upper=None,
        tpr=None,
        p=None,
        adjusted_p=None,
    )


def _told(
    found: _Measured, estimate: Auc, policy: Policy, tested: tuple[int, float, float]
) -> Slice:
    """`tested` is the number of slices with figures, and this one's p-value, bare and adjusted."""
    tests, p, adjusted = tested
    alone = two_sided(policy)
    together = 1.0 - (1.0 - alone) / tests
    rates = rates_asked(policy)
    return Slice(
        attack=found.scores.attack,
        by=found.part.by,
        name=found.part.name,
        members=len(found.scores.members),
        non_members=len(found.scores.non_members),
        auc=estimate.rate(together),
        upper=estimate.rate(alone).high,
        tpr=found.tpr(rates[0], together) if rates else None,
        p=p,
        adjusted_p=adjusted,
    )
