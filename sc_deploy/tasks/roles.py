"""Who serves what: roles drawn from a pool before training, and kept in a secret file."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sc_deploy import digest, workspace
from sc_deploy.contracts import CANARY_ROLES, MEMBER_ROLES, Role, Roles
from sc_deploy.errors import IntegrityError
from sc_deploy.refusals import Refusals
from sc_deploy.tasks import balance, canaries, deal, declared, identity, noise, soundness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sc_deploy.contracts import Task
    from sc_deploy.contracts.arrays import Int64, UInt8
    from sc_deploy.recipe import Recipe
    from sc_deploy.tasks.identity import Identity

ARRAYS: Final = {
    "sample_id": np.uint8,
    "index": np.int64,
    "role": np.uint8,
    "label": np.int64,
    "flipped": np.bool_,
}
DIGESTS: Final = ("dataset_digest", "preprocessing_digest", "digest")


def draw(task: Task, recipe: Recipe) -> Roles:
    """Deal the task's samples to the roles of the recipe; a function of content and key alone.

    Samples of equal content or equal unit share a role. The same data in another order gives
    every sample id the same role and label. Rows are in the order of their ids, which says
    nothing. Samples that no role asks for are not in the result. Raises DataError.
    """
    wanted = _amounts(task, recipe)
    key = bytes.fromhex(recipe.roles.key)
    who = identity.identify(task, key)
    if recipe.roles.declared_members is None:
        role = _dealt(who, wanted)
    else:
        # Canaries come from a role of non-members, so no brought model has seen one.
        role = _dealt_around(Path(recipe.roles.declared_members), who, wanted)
    if recipe.canaries is not None:
        role = canaries.planted(role, who, key, count=recipe.canaries.count)
    by_id = identity.order(who.sample_id)
    index = by_id[role[by_id] != deal.LEFT_OUT]
    sample_id = who.sample_id[index]
    served = role[index].astype(np.uint8)
    own = task.y[index]
    balance.require(served, own, task.classes, least=recipe.roles.min_per_class)
    label = _labels(own, served, sample_id, recipe, classes=len(task.classes))
    arrays = {
        "sample_id": sample_id,
        "index": index,
        "role": served,
        "label": label,
        "flipped": label != own,
    }
    return _sealed(
        arrays,
        identity.dataset_digest(task),
        identity.preprocessing_digest(task, who, key),
    )


def _amounts(task: Task, recipe: Recipe) -> dict[Role, int]:
    """How many samples each role gets. Raises all that the pool as such cannot give, at once."""
    found, pool = Refusals(), len(task.x) if task.x.ndim else 0
    found.tried(partial(soundness.require, task), about="task")
    found.tried(partial(deal.amounts, recipe.roles, pool))
    wanted = deal.asked(recipe.roles, pool)
    if recipe.canaries is not None:
        found.tried(
            partial(canaries.require_donors, wanted, recipe.canaries.count), about="canaries"
        )
    found.require_none("the roles cannot be drawn from this data set")
    return wanted


def save(roles: Roles, path: Path) -> None:
    """Write the file whole or not at all, with mode 0600: who was a member is a secret."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: getattr(roles, name) for name in (*ARRAYS, *DIGESTS)})
    workspace.write_bytes(path, buffer.getvalue(), mode=workspace.SECRET)


def load(path: Path) -> Roles:
    """What `save` wrote. Raises IntegrityError if it is unreadable or does not fit its digest."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in ARRAYS}
            dataset, preprocessing, stored = (str(archive[name]) for name in DIGESTS)
    # A damaged archive raises whatever the bytes at that place lead zipfile and numpy to.
    except Exception as error:
        raise IntegrityError(
            f"{path} does not hold data roles: {error}",
            remedy="restore the file; a run whose roles are lost must be compressed again",
        ) from error
    roles = _sealed(arrays, dataset, preprocessing)
    if roles.digest != stored or any(arrays[n].dtype != kind for n, kind in ARRAYS.items()):
        raise IntegrityError(
            f"{path} does not fit its own digest",
            remedy="restore the file; if nobody touched it on purpose, find out who did",
        )
    return roles


def redealt(roles: Roles, role: UInt8) -> Roles:
    """The same samples in the same rows, with other purposes: role codes uint8 [n]."""
    arrays = {name: getattr(roles, name) for name in ARRAYS} | {"role": role}
    return _sealed(arrays, roles.dataset_digest, roles.preprocessing_digest)


def _dealt(who: Identity, wanted: Mapping[Role, int]) -> Int64:
    """The role code of every sample, or LEFT_OUT: int64 [N]."""
    everyone = np.ones(len(who.group_key), dtype=bool)
    return _by_group(who, everyone, wanted)[who.group]


def _dealt_around(path: Path, who: Identity, wanted: Mapping[Role, int]) -> Int64:
    """As `_dealt`, with members from the declared samples only and the others from the rest."""
    found = declared.load(path, len(who.group))
    seen, never = declared.sides(found, who.content, who.group)
    declared.require_room(wanted, np.bincount(who.group), seen, never)
    members = {role: count for role, count in wanted.items() if role in MEMBER_ROLES}
    others = {role: count for role, count in wanted.items() if role not in MEMBER_ROLES}
    by_group = np.where(seen, _by_group(who, seen, members), _by_group(who, never, others))
    return by_group[who.group]


def _by_group(who: Identity, side: NDArray[np.bool_], wanted: Mapping[Role, int]) -> Int64:
    """The role code of each group, LEFT_OUT for those that are not on this side: int64 [groups]."""
    turn = identity.order(who.group_key)
    turn = turn[side[turn]]
    by_group = np.full(len(side), deal.LEFT_OUT, dtype=np.int64)
    by_group[turn] = deal.deal(np.bincount(who.group)[turn], wanted)
    return by_group


def _labels(own: Int64, served: UInt8, sample_id: UInt8, recipe: Recipe, *, classes: int) -> Int64:
    """The labels trained or tested against, int64 [n]: noise and canaries change some."""
    key = bytes.fromhex(recipe.roles.key)
    drawn = identity.keyed(key, b"label-noise", map(bytes, sample_id))
    flipped = noise.flipped(served, drawn, share=recipe.task.label_noise)
    label = np.where(flipped, noise.other_class(own, drawn, classes=classes), own)
    if recipe.canaries is not None:
        at = np.isin(served, [list(Role).index(found) for found in CANARY_ROLES])
        kind = recipe.canaries.kind
        label[at] = canaries.label(own[at], sample_id[at], key, kind=kind, classes=classes)
    return label


# Any: each array has the type that ARRAYS gives to its name.
def _sealed(arrays: dict[str, NDArray[Any]], dataset: str, preprocessing: str) -> Roles:
    content = digest.of_json([digest.of_arrays(arrays), dataset, preprocessing])
    return Roles(
        **arrays, dataset_digest=dataset, preprocessing_digest=preprocessing, digest=content
    )
