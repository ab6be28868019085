"""Who would serve what, had the lot fallen otherwise: the roles of a reference model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import CANARY_ROLES, MEMBER_ROLES, NON_MEMBER_ROLES, Role
from sc_deploy.tasks import deal, identity
from sc_deploy.tasks import roles as role_files
from sc_deploy.tasks.deal import LEFT_OUT

if TYPE_CHECKING:
    from sc_deploy.contracts import Roles
    from sc_deploy.contracts.arrays import Int64, UInt8
    from sc_deploy.tasks.identity import Identity

SIDES: Final = (*MEMBER_ROLES, *NON_MEMBER_ROLES)
NO_ROOM: Final = Role.NON_MEMBER_REFERENCE
"""For groups that find no room where whole groups are dealt: nobody trains on them."""


def redrawn(roles: Roles, who: Identity, key: bytes, *, number: int) -> Roles:
    """The roles of reference model `number` (from 0), in the rows of `roles`.

    Members and non-members are dealt anew, as many for each role as before; validation and test
    stay. Models 2j and 2j + 1 deal the same groups of samples in opposite orders: with as many
    non-members as members each sample is trained on by one of the two, and with more by one at
    most. Canaries keep their labels, their coins are tossed anew, and the two of a pair have
    opposite ones. A function of content and key alone. Raises DataError if the groups do not fit.
    """
    codes = list(Role)
    role = roles.role.copy()
    rows = roles.rows(*SIDES)
    dealt = _dealt(roles, who, key, number)[who.group[roles.index[rows]]]
    role[rows] = np.where(dealt == LEFT_OUT, codes.index(NO_ROOM), dealt)
    planted = roles.rows(*CANARY_ROLES)
    inside, outside = (codes.index(found) for found in CANARY_ROLES)
    heads = _coins(roles.sample_id[planted], key, number)
    role[planted] = np.where(heads, inside, outside)
    return role_files.redealt(roles, role)


def _dealt(roles: Roles, who: Identity, key: bytes, number: int) -> Int64:
    """The role code of each group: int64 [groups], LEFT_OUT where it has no sample to deal."""
    rows = roles.rows(*SIDES)
    sizes = np.bincount(who.group[roles.index[rows]], minlength=len(who.group_key))
    groups = np.flatnonzero(sizes)
    drawn = _keyed(who.group_key[groups], key, b"reference", number)
    turn = groups[identity.order(drawn)]
    if number % 2:
        turn = turn[::-1]
    wanted = {role: len(roles.rows(role)) for role in SIDES if len(roles.rows(role))}
    by_group = np.full(len(who.group_key), LEFT_OUT, np.int64)
    by_group[turn] = deal.deal(sizes[turn].astype(np.int64), wanted)
    return by_group


def _coins(sample_id: UInt8, key: bytes, number: int) -> UInt8:
    """One fair bit a canary, the two of a pair of models opposite: uint8 [n]."""
    drawn = _keyed(sample_id, key, b"reference-coin", number)
    return (drawn[:, 0] ^ np.uint8(number)) & np.uint8(1)


def _keyed(hashes: UInt8, key: bytes, purpose: bytes, number: int) -> UInt8:
    """Keyed hashes that the two models of a pair share, and no two pairs."""
    pair = (number // 2).to_bytes(8, "big")
    return identity.keyed(key, purpose, (pair + row.tobytes() for row in hashes))
