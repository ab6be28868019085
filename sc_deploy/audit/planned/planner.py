"""How many samples a policy needs in each role before a file without a leak passes it."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sc_deploy.audit.planned import evidence
from sc_deploy.audit.planned.chances import Circumstances, demands
from sc_deploy.audit.planned.demand import Assumptions, Demand, Part
from sc_deploy.audit.planned.subsets import Makeup, equal
from sc_deploy.privacy.statistics.power import detectable_epsilon
from sc_deploy.recipe import Fractions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sc_deploy.policy import Policy
    from sc_deploy.privacy.statistics.power import Sizes

POWER: Final = 0.9
CLASSES: Final = 10
OF_A_CLASS: Final = 50
QUANTIZED: Final = 256
# Canaries are cheap where samples are dear: they get this part of the risk, the rest is shared.
OF_CANARIES: Final = 0.02
DIGITS: Final = 6
STEADY: Final = 3


@dataclass(frozen=True, slots=True)
class Given:
    """What a recipe's roles hold: (members, non-members) of each part; of test, twice the same.

    Counted are independent samples: where they come in units, what those are worth. `canaries`
    is 0 where the recipe plants none.
    """

    sizes: Mapping[Part, Sizes]
    calibration: Sizes
    canaries: int
    by_unit: bool = False

    def of(self, part: Part) -> Sizes:
        return (self.canaries, self.canaries) if part is Part.CANARY else self.sizes[part]


@dataclass(frozen=True, slots=True)
class Request:
    """What to plan for. `quantized` samples choose integer ranges, 0 without int8 files;
    `fractions` say how a side of the pool is shared out; `makeup` what the audit samples are,
    None for classes of equal size."""

    assumptions: Assumptions = field(default_factory=Assumptions)
    power: float = POWER
    quantized: int = QUANTIZED
    classes: int = CLASSES
    fractions: Fractions = field(default_factory=Fractions)
    makeup: Makeup | None = None
    given: Given | None = None

    @property
    def planted(self) -> int:
        return 0 if self.given is None else self.given.canaries


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One limit of the policy, for each of `times` attacks.

    `needed` samples a side give one such check alone the power that was asked for; None where no
    number does. `planned` and `given` are its chances at the plan's and at the recipe's sizes.
    """

    name: str
    part: Part
    limit: float
    times: int
    needed: int | None
    planned: float
    given: float | None
    basis: str


@dataclass(frozen=True, slots=True)
class PlannedRole:
    """What one role needs of members and of non-members, and what it has of both."""

    name: str
    members: int
    non_members: int
    given: Sizes | None
    why: str

    @property
    def short(self) -> bool:
        return self.given is not None and (
            self.given[0] < self.members or self.given[1] < self.non_members
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """`planned` and `given` are the chances that all checks together pass, at the least, at the
    plan's sizes and at the recipe's. `members` and `non_members` are those of the whole sides of
    the pool; `hopeless` checks pass with no number of samples; `undecided` are the parts whose
    given samples leave too much risk. `canaries` and `reference_models` are what the
    policy's evidence tier needs, 0 where it needs none; `epsilon` is what so many canaries show
    to be above 0 with the power that was asked for, if guesses are as good as it allows.
    `beside_answers` is what gating attacks must be told besides answers."""

    policy: str
    request: Request
    planned: float
    given: float | None
    checks: tuple[PlannedCheck, ...]
    roles: tuple[PlannedRole, ...]
    members: int
    non_members: int
    canaries: int
    epsilon: float | None
    reference_models: int
    undecided: tuple[Part, ...]
    beside_answers: tuple[str, ...]

    @property
    def hopeless(self) -> tuple[PlannedCheck, ...]:
        return tuple(check for check in self.checks if check.needed is None)


@dataclass(frozen=True, slots=True)
class _Group:
    """The checks that one part's samples decide, and the number a side that they need."""

    part: Part
    demands: tuple[Demand, ...]
    size: int | None

    def missed(self, n: Sizes | None) -> float:
        return 1.0 if n is None else missed(self.demands, n)

    @property
    def planned(self) -> Sizes | None:
        return None if self.size is None else (self.size, self.size)


def plan(policy: Policy, request: Request) -> Plan:
    """Formulas only, no data: `privacy/statistics/power.py` has each of them.

    The risk of not passing, 1 - power, is shared equally among the parts of the data (canaries
    get a fiftieth of it), and within a part the risks of all its checks and attacks add up
    (Bonferroni). Attacks on one model agree more than that, so the true chance of a PASS is
    higher.
    """
    planting = evidence.needs_canaries(policy) or request.planted > 0
    makeup = request.makeup or equal(request.classes)
    at = Circumstances(request.quantized, makeup, canaries=planting)
    wanted = demands(policy, request.assumptions, at)
    groups = _groups(policy, wanted, request.power)
    given = request.given
    sizes = {group.part: group.size or 0 for group in groups}
    risks = {} if given is None else {g.part: g.missed(given.of(g.part)) for g in groups}
    roles = _roles(policy, request, sizes)
    canaries = _canaries(policy, sizes) if planting else 0
    return Plan(
        policy=policy.name,
        request=request,
        planned=_chance(group.missed(group.planned) for group in groups),
        given=None if given is None else _chance(risks.values()),
        checks=tuple(_check(demand, sizes[demand.part], request) for demand in wanted),
        roles=roles,
        members=side(roles, request.fractions, members=True),
        non_members=side(roles, request.fractions, members=False),
        canaries=canaries,
        epsilon=_epsilon(canaries, policy, request.power),
        reference_models=evidence.reference_models(policy),
        undecided=_undecided(risks, request.power),
        beside_answers=evidence.beside_answers(policy),
    )


def missed(wanted: Iterable[Demand], n: Sizes) -> float:
    """At most this likely is some bound of these not below its limit."""
    return sum(demand.times * (1.0 - demand.passes(n)) for demand in wanted)


def least(holds: Callable[[int], bool]) -> int | None:
    """The least number of two figures that it holds for, and for the two after it; None if that
    is above ten million.

    Exact bounds move in steps, so that one sample more may lower a chance a little.
    """
    numbers = [first * 10**zeros for zeros in range(DIGITS) for first in range(10, 100)]

    def steady(place: int) -> bool:
        return all(holds(n) for n in numbers[place : place + STEADY])

    place = bisect.bisect_left(range(len(numbers)), 1, key=steady)
    return numbers[place] if place < len(numbers) else None


def _groups(policy: Policy, wanted: Sequence[Demand], power: float) -> tuple[_Group, ...]:
    parts = dict.fromkeys(demand.part for demand in wanted)
    return tuple(
        _group(policy, part, [d for d in wanted if d.part is part], risk)
        for part, risk in _shared(parts, 1.0 - power).items()
    )


def _shared(parts: Collection[Part], risk: float) -> dict[Part, float]:
    cheap = OF_CANARIES * risk if Part.CANARY in parts else 0.0
    dear = (risk - cheap) / max(1, len([part for part in parts if part is not Part.CANARY]))
    return {part: cheap if part is Part.CANARY else dear for part in parts}


def _undecided(risks: Mapping[Part, float], power: float) -> tuple[Part, ...]:
    """The parts that leave more risk than an equal share of it; none where all together leave no
    more than was asked for."""
    risk = 1.0 - power
    if sum(risks.values()) <= risk:
        return ()
    return tuple(part for part, own in risks.items() if own > risk / len(risks))


def _group(policy: Policy, part: Part, wanted: Sequence[Demand], risk: float) -> _Group:
    size = least(lambda n: missed(wanted, (n, n)) <= risk)
    if size is not None and part is Part.AUDIT:
        size = max(size, policy.min_audit_samples)
    return _Group(part, tuple(wanted), size)


def _chance(risks: Iterable[float]) -> float:
    return max(0.0, 1.0 - sum(risks))


def _check(demand: Demand, planned: int, request: Request) -> PlannedCheck:
    given = request.given
    return PlannedCheck(
        name=demand.name,
        part=demand.part,
        limit=demand.limit,
        times=demand.times,
        needed=least(lambda n: demand.passes((n, n)) >= request.power),
        planned=demand.passes((planned, planned)) if planned else 0.0,
        given=None if given is None else demand.passes(given.of(demand.part)),
        basis=demand.basis,
    )


def _canaries(policy: Policy, sizes: Mapping[Part, int]) -> int:
    """As many as their limits take, and, where a check waits for tier T1, as that takes."""
    least_of_tier = policy.canaries.least if evidence.needs_canaries(policy) else 0
    return max(sizes.get(Part.CANARY, 0), least_of_tier)


def _epsilon(canaries: int, policy: Policy, power: float) -> float | None:
    if not canaries:
        return None
    return detectable_epsilon(canaries, confidence=policy.confidence, power=power)


def _roles(policy: Policy, request: Request, sizes: Mapping[Part, int]) -> tuple[PlannedRole, ...]:
    given = request.given
    held = {} if given is None else given.sizes
    audited, fitted = sizes[Part.AUDIT], OF_A_CLASS * request.classes
    roles = [
        PlannedRole(
            "audit", audited, audited, held.get(Part.AUDIT),
            f"the checks of leakage together; the policy wants {policy.min_audit_samples:,}",
        ),
        PlannedRole(
            "calibration", fitted, fitted, None if given is None else given.calibration,
            f"{OF_A_CLASS} of each of {request.classes} classes, so that attackers learn each",
        ),
    ]  # fmt: skip
    if Part.REFERENCE in sizes:
        roles.append(
            PlannedRole(
                "reference", request.quantized, sizes[Part.REFERENCE], held.get(Part.REFERENCE),
                "members choose integer ranges; non-members are what they are held against",
            )
        )  # fmt: skip
    if Part.TEST in sizes:
        tested = held.get(Part.TEST)
        own = None if tested is None else (0, tested[1])
        why = "the checks of accuracy together"
        roles.append(PlannedRole("test", 0, sizes[Part.TEST], own, why))
    return tuple(roles)


def side(roles: Iterable[PlannedRole], fractions: Fractions, *, members: bool) -> int:
    """How many samples a side of the pool needs so that each of its attack roles gets enough."""
    shares: dict[str, float] = fractions.model_dump()
    return max(
        math.ceil((role.members if members else role.non_members) / shares[role.name])
        for role in roles
        if role.name in shares
    )
