"""What do a model's answers to altered samples tell an attacker? It may run anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, cast

import numpy as np

from sc_deploy.contracts import Channel, Knowledge, Role, TextTask
from sc_deploy.privacy.attacks import by_name
from sc_deploy.privacy.probes.boundary import distances
from sc_deploy.privacy.probes.views import views_of
from sc_deploy.privacy.probes.votes import votes
from sc_deploy.tasks import batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts import Roles, Task
    from sc_deploy.contracts.arrays import Float32, Float64, Int64
    from sc_deploy.privacy.probes import Ask
    from sc_deploy.privacy.probes.views import Views

KindT = TypeVar("KindT", bound=np.generic)

MEASURED: Final = 100
"""Samples of a role whose distance is measured; each takes 80 questions."""
OTHERS: Final = 200
IN_MEMORY: Final = 256 * 2**20
PROBED: Final = frozenset({Channel.VOTES, Channel.DISTANCE})
ATTACKED: Final = (
    Role.MEMBER_CALIBRATION,
    Role.MEMBER_AUDIT,
    Role.NON_MEMBER_CALIBRATION,
    Role.NON_MEMBER_AUDIT,
)
REFERENCES: Final = (Role.MEMBER_REFERENCE, Role.NON_MEMBER_REFERENCE)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Whose samples are altered: those of a task, by role."""

    task: Task
    roles: Roles


def needed(attacks: Sequence[str]) -> frozenset[Channel]:
    """Which answers to altered samples these attacks of a policy read."""
    return frozenset[Channel]().union(*(by_name(name).needs for name in attacks)) & PROBED


def probe(
    ask: Ask, samples: Samples, wanted: Sequence[Role], channels: frozenset[Channel]
) -> dict[Role, Knowledge]:
    """What `ask` tells of the samples of these roles, row by row as `roles`.

    Votes are those of every sample. Distances are those of the 100 samples of a role with the
    least ids, which are keyed hashes: a random part, the same for every model. Token ids have no
    distance. Equal models get equal answers.
    """
    known = {role: Knowledge() for role in wanted}
    if Channel.VOTES in channels:
        rows = {role: samples.roles.rows(role) for role in wanted}
        found = _split(_votes(ask, samples, np.concatenate(list(rows.values()))), rows)
        known = {role: Knowledge(votes=found[role]) for role in wanted}
    if Channel.DISTANCE in channels and not isinstance(samples.task, TextTask):
        return _with_distances(ask, samples, known)
    return known


def _votes(ask: Ask, samples: Samples, rows: Int64) -> NDArray[np.bool_]:
    views, roles = _views(samples), samples.roles
    parts = [
        votes(ask, batches.read(samples.task, roles.index[part]), roles.label[part], views)
        for part in _parts(samples, rows)
    ]
    return np.concatenate(parts)


def _split(joined: NDArray[KindT], parts: Mapping[Role, Int64]) -> dict[Role, NDArray[KindT]]:
    """What was asked together, by role again."""
    ends = np.cumsum([len(part) for part in parts.values()])
    return dict(zip(parts, np.split(joined, ends[:-1]), strict=True))


def _views(samples: Samples) -> Views:
    """The views of this task; a table's spread is that of validation samples."""
    typical = batches.read(samples.task, samples.roles.index[_others(samples)])
    task = samples.task
    return views_of(typical, pad=task.tokens.pad if isinstance(task, TextTask) else 0)


def _parts(samples: Samples, rows: Int64) -> Iterator[Int64]:
    """The rows in pieces whose samples fit into memory, at least one of them."""
    size = 8 * int(np.prod(batches.sample_shape(samples.task)))
    step = max(1, IN_MEMORY // size)
    yield from (rows[start : start + step] for start in range(0, max(1, len(rows)), step))


def _with_distances(
    ask: Ask, samples: Samples, known: Mapping[Role, Knowledge]
) -> dict[Role, Knowledge]:
    rows = {role: samples.roles.rows(role) for role in known}
    chosen = {role: _least(samples, mine, MEASURED) for role, mine in rows.items()}
    together = np.concatenate(list(chosen.values()))
    measured = distances(
        ask,
        _values(samples, together),
        samples.roles.label[together],
        _values(samples, _others(samples)),
    )
    found: dict[Role, Knowledge] = {}
    for role, part in _split(measured, chosen).items():
        whole: Float64 = np.full(len(rows[role]), np.nan)
        whole[np.searchsorted(rows[role], chosen[role])] = part
        found[role] = Knowledge(votes=known[role].votes, distance=whole)
    return found


def _others(samples: Samples) -> Int64:
    """Rows of samples that are neither trained on nor attacked."""
    return _least(samples, samples.roles.rows(Role.VALIDATION), OTHERS)


def _least(samples: Samples, rows: Int64, n: int) -> Int64:
    """At most n of these rows, those with the least sample ids, in rising order."""
    ids = samples.roles.sample_id[rows]
    return np.sort(rows[np.lexsort(ids.T[::-1])[:n]])


def _values(samples: Samples, rows: Int64) -> Float32:
    return cast("Float32", batches.read(samples.task, samples.roles.index[rows]))
