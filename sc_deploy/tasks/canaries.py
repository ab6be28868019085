"""Canaries: samples that only memory can answer, and a secret coin for each."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy import workspace
from sc_deploy.contracts import CANARY_ROLES, Planted, Role
from sc_deploy.errors import DataError, IntegrityError
from sc_deploy.tasks import identity, noise
from sc_deploy.tasks.deal import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sc_deploy.contracts import Roles
    from sc_deploy.contracts.arrays import Int64, UInt8
    from sc_deploy.tasks.identity import Identity

DONOR: Final = Role.NON_MEMBER_REFERENCE
LARGEST_SHARE: Final = 0.5
ARRAYS: Final = ("sample_id", "member", "label")


def planted(role: Int64, who: Identity, key: bytes, *, count: int) -> Int64:
    """The role codes int64 [N] after `count` samples of the donor role became canaries.

    Which samples, and each one's coin, are functions of content and key alone. No two canaries
    come from one group; the rest of a canary's group then serves nobody, because a twin of what
    is trained on is no non-member. Raises DataError if that is more than half of the role.
    """
    codes = list(Role)
    donors = np.flatnonzero(role == codes.index(DONOR))
    turn = donors[identity.order(identity.keyed(key, b"canary", map(bytes, who.sample_id[donors])))]
    # The first sample of each group, in the order of the turn.
    _, first = np.unique(who.group[turn], return_index=True)
    chosen = turn[np.sort(first)][:count]
    result = np.where(np.isin(who.group, who.group[chosen]), LEFT_OUT, role)
    _require_room(len(chosen), int((result[donors] != LEFT_OUT).sum()), count, len(donors))
    heads = _coins(key, who.sample_id[chosen])
    inside, outside = (codes.index(found) for found in CANARY_ROLES)
    result[chosen] = np.where(heads, inside, outside)
    return result


def require_donors(wanted: Mapping[Role, int], count: int) -> None:
    """Raise DataError where `planted` must refuse whoever the samples are: the role is small."""
    donors = wanted[DONOR]
    _require_room(min(count, donors), donors - count, count, donors)


def label(own: Int64, sample_id: UInt8, key: bytes, *, kind: str, classes: int) -> Int64:
    """The label int64 [n] that each canary gets: another class than `own`, or any; not its coin's
    business."""
    drawn = identity.keyed(key, b"canary-label", map(bytes, sample_id))
    if kind == "mislabelled":
        return noise.other_class(own, drawn, classes=classes)
    number = np.ascontiguousarray(drawn[:, :8]).view(">u8")[:, 0]
    return (number % np.uint64(classes)).astype(np.int64)


def save(roles: Roles, path: Path) -> None:
    """Write who the canaries are, with mode 0600: sorted ids, coins and labels.

    `sample_id` uint8 [n, 32], `member` bool [n] (true: trained on), `label` int64 [n].
    """
    found = _of(roles)
    buffer = io.BytesIO()
    np.savez(buffer, **{name: getattr(found, name) for name in ARRAYS})
    workspace.write_bytes(path, buffer.getvalue(), mode=workspace.SECRET)


def load(path: Path, roles: Roles) -> Planted:
    """What `save` wrote of these roles. Raises IntegrityError if it is not that."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            found = Planted(**{name: archive[name] for name in ARRAYS})
    # A damaged archive raises whatever the bytes at that place lead zipfile and numpy to.
    except Exception as error:
        raise _strange(path, f"cannot be read: {error}") from error
    wanted = _of(roles)
    if not all(np.array_equal(getattr(found, n), getattr(wanted, n)) for n in ARRAYS):
        raise _strange(path, "names other canaries than the roles")
    return wanted


def _of(roles: Roles) -> Planted:
    rows = roles.rows(*CANARY_ROLES)
    member = roles.role[rows] == list(Role).index(Role.MEMBER_CANARY)
    return Planted(roles.sample_id[rows], member, roles.label[rows])


def _strange(path: Path, what: str) -> IntegrityError:
    return IntegrityError(
        f"{path} {what}",
        remedy="restore the file; if nobody touched it on purpose, find out who did",
    )


def _coins(key: bytes, sample_id: UInt8) -> Int64:
    """One fair bit a canary, independent of all others to whoever lacks the key: int64 [n]."""
    drawn = identity.keyed(key, b"canary-coin", map(bytes, sample_id))
    return (drawn[:, 0] & 1).astype(np.int64)


def _require_room(found: int, left: int, count: int, donors: int) -> None:
    if found < count or left < (1 - LARGEST_SHARE) * donors:
        raise DataError(
            f"canaries: {count} of them do not fit role {DONOR}, which has {donors} samples",
            remedy="lower canaries.count to half of that role's groups or less, or raise "
            "roles.fractions.reference or roles.non_members",
        )
