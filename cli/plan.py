"""`scdeploy plan`: can this data decide this policy?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sc_deploy.cli import options, output
from sc_deploy.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from sc_deploy.audit.planned.planner import Plan, PlannedCheck, PlannedRole, Request
    from sc_deploy.digest import Json


def command(
    *,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="Policy (YAML); the recipe's if absent.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("-c", "--config", help="Recipe whose data must suffice.")
    ] = None,
    power: Annotated[
        float, typer.Option("--power", min=0.5, max=0.999, help="Least chance of a PASS.")
    ] = 0.9,
    auc: Annotated[
        float, typer.Option("--auc", min=0.5, max=0.99, help="AUC that attacks truly reach.")
    ] = 0.5,
    correlation: Annotated[
        float,
        typer.Option("--correlation", min=0.0, max=1.0, help="Of source's and file's scores."),
    ] = 0.96,
    conversion: Annotated[
        float,
        typer.Option("--conversion", min=0.0, max=0.5, help="Share of answers it changes."),
    ] = 0.02,
    compression: Annotated[
        float,
        typer.Option("--compression", min=0.0, max=0.5, help="Share of answers it changes."),
    ] = 0.1,
    canary_auc: Annotated[
        float, typer.Option("--canary-auc", min=0.5, max=0.99, help="AUC of canaries, truly.")
    ] = 0.5,
    attribute: Annotated[
        float,
        typer.Option("--attribute", min=0.0, max=0.5, help="Share of its guesses they change."),
    ] = 0.1,
    settings: options.Settings = None,
    trust_code: options.TrustCode = None,
    as_json: options.AsJson = False,
) -> None:
    """Say before any training how many samples a policy needs, and refuse what cannot decide."""
    from sc_deploy.audit.planned.demand import Assumptions
    from sc_deploy.audit.planned.planner import Request

    assumed = Assumptions(
        auc=auc,
        correlation=correlation,
        conversion=conversion,
        compression=compression,
        canary_auc=canary_auc,
        attribute=attribute,
    )
    request = Request(assumed, power)
    found = _plan(policy, config, request, (settings or [], trust_code))
    if as_json:
        output.emit({"plan": _described(found)})
    else:
        _tell(found)
    for role in found.roles:
        if role.short:
            output.note(f"the {role.name} role is short: {role.why}")


def _plan(
    policy: Path | None, config: Path | None, request: Request, asked: tuple[list[str], str | None]
) -> Plan:
    from dataclasses import replace

    from sc_deploy import userfile
    from sc_deploy.pipeline import plan, problem
    from sc_deploy.policy import Policy

    given = None if policy is None else userfile.load(policy, Policy)
    if config is not None:
        loaded = problem.load(config, overrides=asked[0], trust_code=asked[1])
        return plan.for_recipe(replace(loaded, policy=given or loaded.policy), request)
    if given is None:
        raise UsageError(
            "there is nothing to plan for", remedy="give --policy, or -c with a recipe that has one"
        )
    return plan.for_policy(given, request)


def _described(found: Plan) -> dict[str, Json]:
    request = found.request
    return {
        "policy": found.policy,
        "power": request.power,
        "chance": found.planned,
        "given_chance": found.given,
        "assumptions": asdict(request.assumptions),
        "members": found.members,
        "non_members": found.non_members,
        "canaries": found.canaries,
        "canaries_show_epsilon": found.epsilon,
        "reference_models": found.reference_models,
        "attacks_need": list(found.beside_answers),
        "by_unit": request.given is not None and request.given.by_unit,
        "roles": [_role(role) for role in found.roles],
        "checks": [_check(check) for check in found.checks],
    }


def _role(role: PlannedRole) -> dict[str, Json]:
    given: Json = None
    if role.given is not None:
        given = {"members": role.given[0], "non_members": role.given[1]}
    return {
        "name": role.name,
        "members": role.members,
        "non_members": role.non_members,
        "given": given,
        "why": role.why,
    }


def _check(check: PlannedCheck) -> dict[str, Json]:
    return {
        "name": check.name,
        "role": check.part.value,
        "limit": check.limit,
        "attacks": check.times,
        "needed": check.needed,
        "chance": check.planned,
        "given_chance": check.given,
        "basis": check.basis,
    }


def _tell(found: Plan) -> None:
    assumed = found.request.assumptions
    output.note(
        f"policy {found.policy}: {found.members:,} members and {found.non_members:,} non-members "
        f"give a file whose attacks truly reach AUC {assumed.auc:g} a PASS in at least "
        f"{100 * found.planned:.0f} % of audits"
    )
    _roles(found)
    _checks(found)
    if found.canaries:
        output.note(
            f"canaries: {found.canaries:,} or more (canaries.count), for tier T1 and the limits on "
            f"them; they show an epsilon of {found.epsilon or 0.0:.2f}"
        )
    if found.reference_models:
        output.note(f"reference models: {found.reference_models} or more, for tier T2")
    for need in found.beside_answers:
        output.note(f"{need}, or nothing passes")
    if found.given is not None:
        output.note(f"the recipe's own samples: a PASS in at least {100 * found.given:.0f} %")


def _roles(found: Plan) -> None:
    table = _table("role", "members", "non-members", "yours", "decides")
    for role in found.roles:
        yours = "" if role.given is None else f"{role.given[0]:,} + {role.given[1]:,}"
        table.add_row(role.name, f"{role.members:,}", f"{role.non_members:,}", yours, role.why)
    output.console().print(table)


def _checks(found: Plan) -> None:
    table = _table("check", "limit", "needs", "of", "chance", "yours", "reckoned by")
    for check in found.checks:
        name = check.name if check.times == 1 else f"{check.name}, {check.times} attacks"
        needs = "none" if check.needed is None else f"{check.needed:,}"
        yours = "" if check.given is None else f"{check.given:.3f}"
        cells = (name, f"{check.limit:g}", needs, check.part.value, f"{check.planned:.3f}", yours)
        table.add_row(*cells, check.basis)
    output.console().print(table)


def _table(*headings: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
