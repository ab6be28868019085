"""Which classes and groups the audit samples fall into, and what limits on each of them take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from sc_deploy.audit.findings import attributes, slices
from sc_deploy.audit.planned.demand import Assumptions, Demand, Part
from sc_deploy.audit.questions import percent
from sc_deploy.privacy.statistics import power

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.power import Scored, Sizes

SLICED: Final = "as AUC, in each of {} classes and groups; at least {} of each side in each"
BALANCED: Final = "Tango's bounds of {} values of the attribute, joined; {} of the guesses change"


@dataclass(frozen=True, slots=True)
class Subset:
    """One class or group: its name, and its share of the audit members and of the others."""

    name: str
    members: float
    non_members: float

    def of(self, n: Sizes) -> Sizes:
        return int(n[0] * self.members), int(n[1] * self.non_members)

    @property
    def empty(self) -> bool:
        return min(self.members, self.non_members) == 0.0


@dataclass(frozen=True, slots=True)
class Makeup:
    """What the audit samples are: their classes, and the values of the task's attribute."""

    classes: tuple[Subset, ...]
    values: tuple[Subset, ...] = ()

    @property
    def parts(self) -> tuple[Subset, ...]:
        return (*self.classes, *self.values)


def equal(classes: int, *, values: int = 0) -> Makeup:
    """All classes, and all values of the attribute, are equally frequent."""
    return Makeup(_shares("class", classes), _shares("group", values))


def demands(policy: Policy, assumed: Assumptions, makeup: Makeup) -> Iterator[Demand]:
    """Limits on slices that a PASS rests on, and the one on what is told of the attribute."""
    limit = policy.slices.auc
    if limit is not None and policy.slices.required:
        yield Demand(
            name=slices.NAME,
            part=Part.AUDIT,
            limit=limit,
            times=len(policy.attacks),
            chance=partial(_below, limit, assumed.scored, makeup.parts, policy.confidence),
            basis=SLICED.format(len(makeup.parts), slices.LEAST),
        )
    if policy.attribute is not None:
        # A policy alone knows no attribute: two values, equally frequent, are the mildest case.
        values = makeup.values or equal(1, values=2).values
        yield Demand(
            name=attributes.NAME,
            part=Part.AUDIT,
            limit=policy.attribute,
            times=1,
            chance=partial(_no_gain, policy.attribute, assumed, values, policy.confidence),
            basis=BALANCED.format(len(values), percent(assumed.attribute)),
        )


def _below(
    limit: float, truth: Scored, parts: Sequence[Subset], confidence: float, n: Sizes
) -> float:
    """At least this likely is every slice's bound below the limit under one attack: the risks of
    all classes and groups are added up."""
    sizes = [part.of(n) for part in parts]
    if min(map(min, sizes)) < slices.LEAST:
        return 0.0
    risks = (1.0 - power.auc_passes(limit, own, truth, confidence=confidence) for own in sizes)
    return max(0.0, 1.0 - sum(risks))


def _no_gain(
    limit: float, assumed: Assumptions, values: Sequence[Subset], confidence: float, n: Sizes
) -> float:
    """Members and non-members together show what is guessed of each value."""
    sizes = tuple(sum(value.of(n)) for value in values)
    if min(sizes) < attributes.LEAST:
        return 0.0
    return power.balanced_change_passes(limit, sizes, assumed.attribute, confidence=confidence)


def _shares(by: str, count: int) -> tuple[Subset, ...]:
    return tuple(Subset(f"{by} {number}", 1.0 / count, 1.0 / count) for number in range(count))
