"""Whether the data of a recipe can decide its policy at all, asked before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sc_deploy.audit.planned import planner
from sc_deploy.audit.planned.chances import Part
from sc_deploy.audit.planned.planner import Given, Plan, PlannedCheck, PlannedRole, Request
from sc_deploy.contracts import CANARY_ROLES, Role
from sc_deploy.errors import Problem as Fault
from sc_deploy.errors import UsageError
from sc_deploy.privacy.statistics.units import independent
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.contracts import Roles
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
        rows = self.roles.rows(role)
        unit = self.problem.task.unit
        if unit is None or not len(rows):
            return len(rows)
        import numpy as np

        numbers = np.unique(unit[self.roles.index[rows]], return_inverse=True)[1]
        return independent(numbers.astype(np.int64))

    def pair(self, name: str) -> tuple[int, int]:
        inside, outside = PAIRS[name]
        return self.worth(inside), self.worth(outside)


def for_policy(policy: Policy, request: Request) -> Plan:
    """The plan alone. Raises UsageError where no number of samples would do."""
    found = planner.plan(policy, request)
    _require(found, list(_hopeless(found)))
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
            given=_given(held),
        ),
    )
    _require(found, [*_hopeless(found), *_shortages(found), *_evidence(found)])
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


def _hopeless(found: Plan) -> Iterator[Fault]:
    for check in found.hopeless:
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
    chance = "" if weakest is None else f"; {weakest.name} passes in {_percent(weakest.given)}"
    return Fault(
        f"{role.name} role",
        f"holds {held}{units}, needs {wanted}{chance}",
        f"give it more: {_setting(found, role)}",
    )


def _weakest(found: Plan, part: str) -> PlannedCheck | None:
    checks = [check for check in found.checks if check.part == part]
    return min(checks, key=lambda check: check.given or 0.0, default=None)


def _setting(found: Plan, role: PlannedRole) -> str:
    if role.name == "test":
        return f"roles.test {role.non_members:,} or more"
    return (
        f"roles.members {found.members:,} and roles.non_members {found.non_members:,} or more "
        "with these fractions, or a larger fraction"
    )


def _evidence(found: Plan) -> Iterator[Fault]:
    given = found.request.given
    if given is not None and given.canaries < found.canaries:
        yield Fault(
            "canaries",
            f"{given.canaries} are planted; checks at 1 % false positives or less need tier T1",
            f"set canaries.count to {found.canaries} or more, or low_fpr_tier to T0 in the policy",
        )


def _counts(sizes: tuple[int, int]) -> str:
    members, others = sizes
    return f"{members:,} members and {others:,} others" if members else f"{others:,} samples"


def _percent(chance: float | None) -> str:
    return f"{100 * (chance or 0.0):.0f} % of audits"
