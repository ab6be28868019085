"""How many samples each role gets, and which groups of samples fill it."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import MEMBER_ROLES, NON_MEMBER_ROLES, Role
from sc_deploy.errors import DataError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.recipe import Amount, Fractions, RolesSection

LEFT_OUT: Final = -1


def amounts(section: RolesSection, pool: int) -> dict[Role, int]:
    """Samples for each role, in the order of `Role`. Fractions of the pool are rounded down.

    The four parts of a side add up to the side exactly. Raises DataError listing what does not
    fit: more samples asked than there are, roles that would get none.
    """
    wanted = asked(section, pool)
    if problems := tuple(problems_of(wanted, pool)):
        raise DataError(
            f"the roles do not fit a pool of {pool} samples",
            remedy="lower members, non_members, validation or test, or bring more data",
            problems=problems,
        )
    return wanted


def asked(section: RolesSection, pool: int) -> dict[Role, int]:
    """As `amounts`, whether or not it fits the pool."""
    return {
        **_parts(MEMBER_ROLES, _count(section.members, pool), section.fractions),
        **_parts(NON_MEMBER_ROLES, _count(section.non_members, pool), section.fractions),
        Role.VALIDATION: _count(section.validation, pool),
        Role.TEST: _count(section.test, pool),
    }


def problems_of(wanted: Mapping[Role, int], pool: int) -> Iterator[Problem]:
    """More samples asked than there are, and roles that would get none."""
    total = sum(wanted.values())
    if total > pool:
        listed = ", ".join(f"{role} {count}" for role, count in wanted.items())
        found = f"ask for {total} samples ({listed}), there are {pool}"
        yield Problem("roles", found, f"ask for {total - pool} less")
    for role, count in wanted.items():
        if count < 1:
            yield Problem(f"roles: {role}", "would get no sample", "raise its amount or fraction")


def deal(sizes: Int64, wanted: Mapping[Role, int], *, largest: int | None = None) -> Int64:
    """The position in `Role` that each group gets: int64 [groups], or LEFT_OUT.

    Groups of `sizes` int64 [groups] are taken in order; each goes whole to the first role that
    has room for it. So a role is short of its amount by less than the largest group, and never
    over it. Raises DataError if a role is short by more, or stays empty. `largest` counts the
    samples of the largest group of all where `sizes` are only some.
    """
    codes = {role: code for code, role in enumerate(Role)}
    room = dict(wanted)
    dealt = np.full(len(sizes), LEFT_OUT, dtype=np.int64)
    for group, size in enumerate(sizes.tolist()):
        role = next((role for role, left in room.items() if left >= size), None)
        if role is not None:
            dealt[group] = codes[role]
            room[role] -= size
            if not room[role]:
                del room[role]
    _require_filled(wanted, room, largest=int(sizes.max()) if largest is None else largest)
    return dealt


def _count(amount: Amount, pool: int) -> int:
    return _floor(amount * pool) if isinstance(amount, float) else amount


def _floor(value: float) -> int:
    # The small term undoes float error: 0.29 of 100 is 28.999999999999996.
    return floor(value + 1e-9)


def _parts(roles: tuple[Role, ...], total: int, fractions: Fractions) -> dict[Role, int]:
    """By largest remainder: rounded down, and what is left goes where most was cut off."""
    shares = (fractions.search, fractions.reference, fractions.calibration, fractions.audit)
    exact = {role: total * share for role, share in zip(roles, shares, strict=True)}
    parts = {role: _floor(value) for role, value in exact.items()}
    by_remainder = sorted(roles, key=lambda role: parts[role] - exact[role])
    for role in by_remainder[: total - sum(parts.values())]:
        parts[role] += 1
    return parts


def _require_filled(wanted: Mapping[Role, int], room: Mapping[Role, int], *, largest: int) -> None:
    problems = tuple(
        Problem(
            f"roles: {role}",
            f"got {wanted[role] - left} of {wanted[role]} samples; the largest group has {largest}",
            "ask for more than the largest group of one unit or of duplicates, or bring more data",
        )
        for role, left in room.items()
        if left >= largest or left == wanted[role]
    )
    if problems:
        raise DataError(
            "groups of samples that must stay together do not fit the roles",
            remedy="change the amounts of the roles, or the unit of the task",
            problems=problems,
        )
