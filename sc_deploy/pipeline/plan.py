"""Whether the data of a recipe can decide its policy at all, asked before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sc_deploy.audit.findings import attributes
from sc_deploy.audit.findings.slices import LEAST
from sc_deploy.audit.findings.slices import NAME as SLICES
from sc_deploy.audit.planned import evidence, planner
from sc_deploy.audit.planned.demand import Part
from sc_deploy.audit.planned.planner import Given, Plan, PlannedCheck, PlannedRole, Request
from sc_deploy.audit.planned.subsets import Makeup, Subset
from sc_deploy.contracts import CANARY_ROLES, Role
from sc_deploy.errors import Problem as Fault
from sc_deploy.errors import UsageError
from sc_deploy.privacy.statistics.units import independent
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sc_deploy.contracts import Roles
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.policy import Policy

PAIRS = {
    "audit": (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT),
    "calibration": (Role.MEMBER_CALIBRATION, Role.NON_MEMBER_CALIBRATION),
    "reference": (Role.MEMBER_REFERENCE, Role.NON_MEMBER_REFERENCE),
}


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The samples of a recipe by role, and what they are worth as independent ones."""

    problem: Problem
    roles: Roles

    def worth(self, role: Role) -> int:
        return self.of_rows(self.roles.rows(role))

    def of_rows(self, rows: Int64) -> int:
        unit = self.problem.task.unit
        if unit is None or not len(rows):
            return len(rows)
        import numpy as np

        numbers = np.unique(unit[self.roles.index[rows]], return_inverse=True)[1]
        return independent(numbers.astype(np.int64))

    def pair(self, name: str) -> tuple[int, int]:
        inside, outside = PAIRS[name]
        return self.worth(inside), self.worth(outside)

    def makeup(self) -> Makeup:
        """The audit samples by class, and by the task's attribute where it names one."""
        task, named = self.problem.task, self.problem.task.classes
        classes = self._subsets(self.roles.label, lambda code: f"class {named[code]}")
        if task.attribute is None:
            return Makeup(classes)
        of_rows = task.attribute[self.roles.index]
        return Makeup(classes, self._subsets(of_rows, lambda code: f"group {code}"))

    def _subsets(self, value: Int64, name: Callable[[int], str]) -> tuple[Subset, ...]:
        """One for each value that some audit sample has; `value` int64 [n] of all rows."""
        import numpy as np

        sides = [self.roles.rows(role) for role in PAIRS["audit"]]
        whole = [max(1, self.of_rows(rows)) for rows in sides]
        return tuple(
            Subset(
                name(code),
                *(
                    self.of_rows(rows[value[rows] == code]) / n
                    for rows, n in zip(sides, whole, strict=True)
                ),
            )
            for code in np.unique(value[np.concatenate(sides)]).tolist()
        )


def for_policy(policy: Policy, request: Request) -> Plan:
    """The plan alone. Raises UsageError where no number of samples would do."""
    found = planner.plan(policy, request)
    _require(found, [*evidence.never(policy), *_hopeless(found)])
    return found


def for_recipe(problem: Problem, request: Request) -> Plan:
    """The plan beside what the recipe's roles hold; the data is read and its roles are drawn.

    Raises UsageError with every shortage where the data cannot decide the policy.
    """
    recipe = problem.recipe
    held = Held(problem, role_files.draw(problem.task, recipe))
    quantized = recipe.export.quantization_samples if "int8" in recipe.export.precisions else 0
    found = planner.plan(
        problem.policy,
        replace(
            request,
            quantized=quantized,
            classes=len(problem.task.classes),
            fractions=recipe.roles.fractions,
            makeup=held.makeup(),
            given=_given(held),
        ),
    )
    faults = [
        *evidence.never(problem.policy),
        *_lacking(problem, found),
        *_hopeless(found),
        *_shortages(found),
        *_canaries(problem.policy, found),
    ]
    _require(found, faults)
    return found


def _given(held: Held) -> Given:
    test = held.worth(Role.TEST)
    return Given(
        sizes={
            Part.AUDIT: held.pair("audit"),
            Part.REFERENCE: held.pair("reference"),
            Part.TEST: (test, test),
        },
        calibration=held.pair("calibration"),
        canaries=sum(held.worth(role) for role in CANARY_ROLES),
        by_unit=held.problem.task.unit is not None,
    )


def _require(found: Plan, faults: list[Fault]) -> None:
    if faults:
        raise UsageError(
            f"policy {found.policy!r} cannot be decided: {len(faults)} "
            f"shortage{'s' if len(faults) > 1 else ''}",
            remedy="bring more data, loosen the policy before anything is trained, or accept a "
            "lower chance of a PASS with --power",
            problems=faults,
        )


def _lacking(problem: Problem, found: Plan) -> Iterator[Fault]:
    """What the recipe does not have at all, of whatever size."""
    policy, makeup = problem.policy, found.request.makeup
    if policy.attribute is not None and problem.task.attribute is None:
        yield Fault(
            attributes.NAME,
            "the task names no sensitive attribute to guess",
            "name an attribute in the task, or set attribute to null in the policy",
        )
    one_sided = [part.name for part in makeup.parts if part.empty] if makeup else []
    if policy.slices.required and one_sided:
        yield Fault(
            "slices",
            f"no audit samples on one side of {', '.join(one_sided)}",
            f"bring at least {LEAST} audit members and others of each (roles.min_per_class), or "
            "set slices.required to false",
        )
    files = len(problem.recipe.export.targets) * len(problem.recipe.export.precisions)
    if files > policy.most_looks:
        yield Fault(
            "most_looks",
            f"allows {policy.most_looks} looks at the audit samples, and {files} files take one "
            "each",
            "raise most_looks, or export to fewer targets or precisions",
        )


def _hopeless(found: Plan) -> Iterator[Fault]:
    makeup = found.request.makeup
    one_sided = makeup is not None and any(part.empty for part in makeup.parts)
    for check in found.hopeless:
        if check.name == SLICES and one_sided:
            continue
        yield Fault(
            check.name,
            f"the limit {check.limit:g} leaves no room for what is assumed to be true",
            "strengthen the defences, raise the limit, or assume less (see `--help`)",
        )


def _shortages(found: Plan) -> Iterator[Fault]:
    hopeless = {check.part for check in found.hopeless}
    for role in found.roles:
        # The policy asks for the number of audit samples itself.
        lacking = role.name in found.undecided or (role.name == Part.AUDIT and role.short)
        if lacking and role.name not in hopeless:
            yield _short(found, role)


def _short(found: Plan, role: PlannedRole) -> Fault:
    held, wanted = _counts(role.given or (0, 0)), _counts((role.members, role.non_members))
    units = " independent samples" if found.request.given and found.request.given.by_unit else ""
    weakest = _weakest(found, role.name)
    chance = "" if weakest is None else _of(weakest)
    return Fault(
        f"{role.name} role",
        f"holds {held}{units}, needs {wanted}{chance}",
        f"give it more: {_setting(found, role)}",
    )


def _weakest(found: Plan, part: str) -> PlannedCheck | None:
    checks = [check for check in found.checks if check.part == part]
    return min(checks, key=lambda check: check.given or 0.0, default=None)


def _of(check: PlannedCheck) -> str:
    return f"; {check.name} passes in {_percent(check.given)}"


def _setting(found: Plan, role: PlannedRole) -> str:
    if role.name == "test":
        return f"roles.test {role.non_members:,} or more"
    return (
        f"roles.members {found.members:,} and roles.non_members {found.non_members:,} or more "
        "with these fractions, or a larger fraction"
    )


def _canaries(policy: Policy, found: Plan) -> Iterator[Fault]:
    """Too few for the tier that a check waits for, or for the limits on what they show."""
    planted = found.request.planted
    few = evidence.needs_canaries(policy) and planted < policy.canaries.least
    if few or Part.CANARY in found.undecided:
        weakest = _weakest(found, Part.CANARY)
        chance = "" if weakest is None or not planted else _of(weakest)
        yield Fault(
            "canaries",
            f"{planted} are planted, needed are {found.canaries} for checks at 1 % false "
            f"positives or less (tier T1) and for the limits on canaries{chance}",
            f"set canaries.count to {found.canaries} or more, or low_fpr_tier to T0 in the policy",
        )


def _counts(sizes: tuple[int, int]) -> str:
    members, others = sizes
    return f"{members:,} members and {others:,} others" if members else f"{others:,} samples"


def _percent(chance: float | None) -> str:
    return f"{100 * (chance or 0.0):.0f} % of audits"
