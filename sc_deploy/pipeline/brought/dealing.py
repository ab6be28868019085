"""Who serves what in a plain audit: duplicates out, calibration split off where it is missing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Role
from sc_deploy.errors import DataError, Problem
from sc_deploy.pipeline.brought.rows import keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sc_deploy.contracts.arrays import UInt8
    from sc_deploy.pipeline.brought.order import Given
    from sc_deploy.pipeline.brought.rows import Rows

MOST_SHARED: Final = 0.01
"""Share of samples that two files may have in common before the declaration counts as wrong."""
CALIBRATION_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Dealt:
    """The samples of each role, and what a reader must know of how they were dealt.

    TEST holds only what is not among the audit non-members, whose accuracy is reported with it.
    """

    rows: Mapping[Role, Rows]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Parts:
    """Samples by what they were given for, as duplicates leave them one after the other."""

    rows: dict[str, Rows]
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


CALIBRATION: Final = ("calibration members", "calibration non-members")
# Of two files with samples in common, which ones lose them. Who is in both sides of a
# declaration is neither; who an attacker was fitted on is not audited.
SHARED: Final = (
    ("members", "non-members", ("members", "non-members")),
    (*CALIBRATION, CALIBRATION),
    ("members", "calibration members", ("members",)),
    ("members", "calibration non-members", ("members", "calibration non-members")),
    ("non-members", "calibration non-members", ("non-members",)),
    ("non-members", "calibration members", ("non-members", "calibration members")),
    ("members", "test", ("test",)),
    ("calibration members", "test", ("test",)),
)  # fmt: skip
REPEATED: Final = (("non-members", "test"), ("calibration non-members", "test"))
"""Pairs of which the second may repeat the first: it is the same kind of sample."""


def deal(given: Given, *, seed: int) -> Dealt:
    """The samples by role. Raises DataError where the files contradict each other."""
    parts = _Parts(_named(given))
    for name in parts.rows:
        _once(parts, name)
    for first, second, losers in SHARED:
        _apart(parts, first, second, losers)
    if parts.problems:
        raise DataError(
            "the files contradict each other about who is a member",
            remedy="a sample belongs to one of them; draw them anew",
            problems=parts.problems,
        )
    for first, second in REPEATED:
        _drop(parts, second, _common(parts, first, second))
    if given.calibration is None:
        _split(parts, seed)
    if given.test is not None and not len(parts.rows["test"]):
        del parts.rows["test"]
    _refuse_empty(parts)
    return Dealt({ROLES[name]: rows for name, rows in parts.rows.items()}, tuple(parts.notes))


ROLES: Final = {
    "members": Role.MEMBER_AUDIT,
    "non-members": Role.NON_MEMBER_AUDIT,
    "calibration members": Role.MEMBER_CALIBRATION,
    "calibration non-members": Role.NON_MEMBER_CALIBRATION,
    "test": Role.TEST,
}


def _refuse_empty(parts: _Parts) -> None:
    """Raise DataError where dealing left nobody for a purpose: nothing can be measured then."""
    empty = [name for name, rows in parts.rows.items() if not len(rows)]
    if empty:
        raise DataError(
            "there are too few samples to deal",
            remedy="give more samples, of several units where units are named; or --calibration",
            problems=[
                Problem(name, "has no samples left", "; ".join(parts.notes) or "give more")
                for name in empty
            ],
        )


def _named(given: Given) -> dict[str, Rows]:
    found = {"members": given.members, "non-members": given.non_members}
    if given.calibration is not None:
        found["calibration members"], found["calibration non-members"] = given.calibration
    if given.test is not None:
        found["test"] = given.test
    return found


def _once(parts: _Parts, name: str) -> None:
    rows = parts.rows[name]
    _, first = np.unique(rows.sample_id, axis=0, return_index=True)
    gone = len(rows) - len(first)
    if gone:
        parts.rows[name] = rows.take(np.sort(first))
        parts.notes.append(f"{gone:,} repeated samples of {name} were left out.")


def _common(parts: _Parts, first: str, second: str) -> frozenset[bytes]:
    if first not in parts.rows or second not in parts.rows:
        return frozenset()
    return frozenset(keys(parts.rows[first].sample_id)) & set(keys(parts.rows[second].sample_id))


def _apart(parts: _Parts, first: str, second: str, losers: tuple[str, ...]) -> None:
    common = _common(parts, first, second)
    if not common:
        return
    least = min(len(parts.rows[first]), len(parts.rows[second]))
    if len(common) > MOST_SHARED * least:
        parts.problems.append(
            Problem(
                f"{first} and {second}",
                f"have {len(common):,} samples in common, of {least:,} in the smaller one",
                "say of every sample whether the model was trained on it, once",
            )
        )
        return
    for name in losers:
        _drop(parts, name, common)
    parts.notes.append(
        f"{len(common):,} samples were among both {first} and {second}, and left out of "
        f"{' and '.join(losers)}."
    )


def _drop(parts: _Parts, name: str, gone: frozenset[bytes]) -> None:
    if gone:
        rows = parts.rows[name]
        parts.rows[name] = rows.take(np.array([key not in gone for key in keys(rows.sample_id)]))


def _split(parts: _Parts, seed: int) -> None:
    """Split calibration samples off both sides, whole units at a time, by a hash of the seed."""
    for name in ("members", "non-members"):
        rows = parts.rows[name]
        fitted = np.array(list(_draws(rows, seed))) < CALIBRATION_SHARE
        parts.rows[name] = rows.take(~fitted)
        parts.rows[f"calibration {name}"] = rows.take(fitted)
    parts.notes.append(
        f"No calibration file was given, so about {100 * CALIBRATION_SHARE:.0f} % of members and "
        f"of non-members, drawn with seed {seed}, went to fitting the attackers."
    )


def _draws(rows: Rows, seed: int) -> Iterator[float]:
    """A number in [0, 1) for each sample, equal for samples of one unit."""
    names = _names(rows.sample_id) if rows.unit is None else map(str, rows.unit.tolist())
    for name in names:
        drawn = hashlib.blake2b(f"{seed}|{name}".encode(), digest_size=8).digest()
        yield int.from_bytes(drawn, "big") / 2**64


def _names(sample_id: UInt8) -> Iterator[str]:
    return (key.hex() for key in keys(sample_id))
