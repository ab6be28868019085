"""Whether some class or group leaks more than the average over all samples tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.questions import rates_asked, two_sided
from sc_deploy.contracts import Excess, Slice
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.low_fpr import least_non_members, tpr_at_fpr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sc_deploy.audit.scores import Exposed, Scores
    from sc_deploy.contracts import Rate
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.auc import Auc

NAME: Final = "AUC by class and group"
CLASS, GROUP = "class", "group"
# Of each side. DeLong's variance is a guess on fewer, and a small count is about people.
LEAST: Final = 50
CHANCE: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One class or group: which audit members and non-members belong to it, bool [N] each."""

    by: str
    name: str
    members: NDArray[np.bool_]
    non_members: NDArray[np.bool_]

    @property
    def large(self) -> bool:
        return min(int(self.members.sum()), int(self.non_members.sum())) >= LEAST


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """What one attack scores within one part; `estimate` None where the part is too small."""

    part: _Part
    scores: Scores
    estimate: Auc | None

    def tpr(self, fpr: float, confidence: float) -> Rate | None:
        inside = self.scores.members[self.part.members]
        outside = self.scores.non_members[self.part.non_members]
        if len(outside) < least_non_members(fpr, confidence=confidence):
            return None
        return tpr_at_fpr(inside, outside, fpr=fpr).rate(confidence)


def slices(
    model: Exposed, scores: Sequence[Scores], policy: Policy, classes: Sequence[str] = ()
) -> tuple[tuple[Slice, ...], Excess | None]:
    """Every class and group under every attack, and what a FAIL over them may rest on.

    The excess is one p-value for "some slice lies above the policy's limit": the smallest of all,
    times their number (Bonferroni), so that slices take part in the gate's Holm correction as a
    single hypothesis. None where the policy sets no limit or no slice is large enough.
    """
    parts = list(_parts(model, classes))
    found = [_measured(part, attack) for attack in scores for part in parts]
    tests = sum(entry.estimate is not None for entry in found)
    adjusted = iter(_adjusted([entry.estimate for entry in found if entry.estimate is not None]))
    told = tuple(
        _too_small(entry) if entry.estimate is None else _told(entry, policy, tests, next(adjusted))
        for entry in found
    )
    return told, _excess([entry.estimate for entry in found], policy.slices.auc)


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
        yield _Part(by, str(value), inside == value, outside == value)


def _measured(part: _Part, scores: Scores) -> _Measured:
    if not part.large:
        return _Measured(part, scores, None)
    estimate = auc(scores.members[part.members], scores.non_members[part.non_members])
    return _Measured(part, scores, estimate)


def _adjusted(estimates: Sequence[Auc]) -> list[tuple[float, float]]:
    """The p-value of each against chance, as it is and corrected for their number."""
    if not estimates:
        return []
    p = [estimate.p_above(CHANCE) for estimate in estimates]
    return list(zip(p, map(float, stats.false_discovery_control(p, method="bh")), strict=True))


def _excess(estimates: Sequence[Auc | None], limit: float | None) -> Excess | None:
    measured = [estimate for estimate in estimates if estimate is not None]
    if limit is None or not measured:
        return None
    smallest = min(estimate.p_above(limit) for estimate in measured)
    return Excess(NAME, limit, min(1.0, len(measured) * smallest))


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


def _told(found: _Measured, policy: Policy, tests: int, p_values: tuple[float, float]) -> Slice:
    assert found.estimate is not None
    alone = two_sided(policy)
    together = 1.0 - (1.0 - alone) / tests
    rates = rates_asked(policy)
    return Slice(
        attack=found.scores.attack,
        by=found.part.by,
        name=found.part.name,
        members=int(found.part.members.sum()),
        non_members=int(found.part.non_members.sum()),
        auc=found.estimate.rate(together),
        upper=found.estimate.rate(alone).high,
        tpr=found.tpr(rates[0], together) if rates else None,
        p=p_values[0],
        adjusted_p=p_values[1],
    )
