"""Who would serve what, had the lot fallen otherwise: the roles of a reference model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import CANARY_ROLES, MEMBER_ROLES, NON_MEMBER_ROLES, Role
from sc_deploy.tasks import deal, identity
from sc_deploy.tasks import roles as role_files
from sc_deploy.tasks.deal import LEFT_OUT
from sc_deploy.tasks.rotation import Ring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Roles
    from sc_deploy.contracts.arrays import Int64, UInt8
    from sc_deploy.tasks.identity import Identity

SIDES: Final = (*MEMBER_ROLES, *NON_MEMBER_ROLES)
NO_ROOM: Final = Role.NON_MEMBER_REFERENCE
"""For groups that find no room where whole groups are dealt: nobody trains on them."""


def redrawn(roles: Roles, who: Identity, key: bytes, *, number: int, count: int) -> Roles:
    """The roles of reference model `number` (from 0) of `count`, in the rows of `roles`.

    Members and non-members are dealt anew, as many for each role as before; validation and test
    stay. All of them lie on one secret ring, and each model trains on a block of it (`Ring`): a
    group is in at most ceil(count * members / samples) models, and where groups are single
    samples in floor or ceil of that. Larger ones leave a role short by less than the largest.
    Canaries keep their labels, their coins are tossed anew, and the two of a pair, 2j and
    2j + 1, have opposite ones. A function of content, key, number and count alone. Raises
    DataError if the groups do not fit.
    """
    codes = list(Role)
    role = roles.role.copy()
    rows = roles.rows(*SIDES)
    group = who.group[roles.index[rows]]
    sizes = np.bincount(group, minlength=len(who.group_key)).astype(np.int64)
    wanted = {role: len(roles.rows(role)) for role in SIDES if len(roles.rows(role))}
    ring = Ring(len(rows), len(roles.rows(*MEMBER_ROLES)), count)
    turn = _turn(_in_order(who, sizes, key), sizes, ring.begin(number))
    dealt = _dealt(turn, sizes, wanted)[group]
    role[rows] = np.where(dealt == LEFT_OUT, codes.index(NO_ROOM), dealt)
    planted = roles.rows(*CANARY_ROLES)
    inside, outside = (codes.index(found) for found in CANARY_ROLES)
    heads = _coins(roles.sample_id[planted], key, number)
    role[planted] = np.where(heads, inside, outside)
    return role_files.redealt(roles, role)


def _in_order(who: Identity, sizes: Int64, key: bytes) -> Int64:
    """The groups that have samples to deal, in the one order of all reference models: int64 [n]."""
    groups = np.flatnonzero(sizes)
    keyed = identity.keyed(key, b"reference", map(bytes, who.group_key[groups]))
    return groups[identity.order(keyed)]


def _turn(groups: Int64, sizes: Int64, begin: int) -> Int64:
    """The ring of groups from the one that covers position `begin` on."""
    first = np.searchsorted(np.cumsum(sizes[groups]), begin, side="right")
    return np.roll(groups, -first)


def _dealt(turn: Int64, sizes: Int64, wanted: Mapping[Role, int]) -> Int64:
    """The role code of each group: int64 [groups], LEFT_OUT where it has no sample to deal.

    The members are what goes into the block whole, and nothing behind it: small groups that
    filled up its end would be in more models than their share, or in all of them.
    """
    members = {role: size for role, size in wanted.items() if role in MEMBER_ROLES}
    others = {role: size for role, size in wanted.items() if role in NON_MEMBER_ROLES}
    block = np.cumsum(sizes[turn]) <= sum(members.values())
    largest = int(sizes.max())
    by_group = np.full(len(sizes), LEFT_OUT, np.int64)
    for side, asked in ((turn[block], members), (turn[~block], others)):
        by_group[side] = deal.deal(sizes[side], asked, largest=largest)
    return by_group


def _coins(sample_id: UInt8, key: bytes, number: int) -> UInt8:
    """One fair bit a canary, the two of a pair of models opposite: uint8 [n]."""
    pair = (number // 2).to_bytes(8, "big")
    drawn = identity.keyed(key, b"reference-coin", (pair + row.tobytes() for row in sample_id))
    return (drawn[:, 0] ^ np.uint8(number)) & np.uint8(1)
