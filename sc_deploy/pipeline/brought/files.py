"""One sample file, checked: every problem of it at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from sc_deploy.errors import DataError, Problem
from sc_deploy.pipeline.brought import archive
from sc_deploy.pipeline.brought.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Int64, UInt8

    Arrays: TypeAlias = "Mapping[str, NDArray[np.generic]]"

ID_BYTES: Final = 32
MOST_CLASSES: Final = 1 << 20
"""Classes are listed by name: a stray 10^12 among the labels would fill the memory."""
OPTIONAL: Final = ("unit", "group")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sample file holds: the names of its values and labels, and what else it may have."""

    values: str
    labels: str
    kinds: tuple[str, ...]
    what: str
    others: tuple[str, ...] = OPTIONAL


SAMPLES: Final = Layout("x", "y", ("float32", "int64"), "samples after preprocessing")
LOGITS: Final = Layout(
    "logits", "labels", ("float32", "float64"), "logits [n, classes]", (*OPTIONAL, "sample_id")
)
MEMBER: Final = "member"


def read(path: Path, layout: Layout) -> Rows:
    """The samples of a file. Raises DataError with every problem, IntegrityError if unsafe."""
    arrays = archive.read(path)
    _refuse(path, _problems(arrays, layout, (*layout.others,)))
    return _rows(arrays, layout)


def read_sides(path: Path, layout: Layout) -> tuple[Rows, Rows]:
    """The members and the non-members of a file in which `member` tells them apart."""
    arrays = archive.read(path)
    _refuse(path, [*_problems(arrays, layout, (*layout.others, MEMBER)), *_sides(arrays)])
    member = arrays[MEMBER].astype(bool)
    both = _rows(arrays, layout)
    return both.take(member), both.take(~member)


def _refuse(path: Path, problems: Iterable[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise DataError(f"{path.name} cannot be used", remedy="correct all of it", problems=found)


def _problems(arrays: Arrays, layout: Layout, others: tuple[str, ...]) -> Iterator[Problem]:
    known = (layout.values, layout.labels, *others)
    for name in (layout.values, layout.labels):
        if name not in arrays:
            held = ", ".join(arrays) or "nothing"
            yield Problem(name, f"is missing; the file holds {held}", f"add the array {name!r}")
    for name in arrays:
        if name not in known:
            yield Problem(name, "is not read", f"remove or rename it; known are {', '.join(known)}")
    if layout.values in arrays:
        yield from _of_values(arrays[layout.values], layout)
    if layout.labels in arrays:
        yield from _of_labels(arrays[layout.labels], layout)
    yield from _of_lengths(arrays, known)
    yield from _of_range(arrays, layout)


def _of_values(values: NDArray[np.generic], layout: Layout) -> Iterator[Problem]:
    if values.dtype.name not in layout.kinds:
        wanted = " or ".join(layout.kinds)
        yield Problem(layout.values, f"is {values.dtype}", f"give {layout.what} as {wanted}")
        return
    least = 1 if layout is SAMPLES else 2
    if values.ndim < least or not values.size or (layout is LOGITS and values.ndim != 2):
        yield Problem(layout.values, f"has shape {values.shape}", f"give {layout.what}, n >= 1")
    elif values.dtype.kind == "f" and (bad := _not_finite(values)):
        yield Problem(
            layout.values,
            f"is NaN or infinite in {bad:,} of {len(values):,} samples",
            f"give finite {layout.what}",
        )


def _not_finite(values: NDArray[np.generic]) -> int:
    """How many samples hold what is no finite float32, as which doubles are read too."""
    with np.errstate(over="ignore"):
        floats = values.astype(np.float32, copy=False)
    return int((~np.isfinite(floats.reshape(len(floats), -1))).any(axis=1).sum())


def _of_labels(labels: NDArray[np.generic], layout: Layout) -> Iterator[Problem]:
    where = layout.labels
    if labels.dtype.kind not in "iu":
        yield Problem(where, f"is {labels.dtype}", "number the classes from 0 and give int64")
        return
    if labels.ndim != 1 or not labels.size:
        yield Problem(where, f"has shape {labels.shape}", "give one label a sample, [n]")
        return
    low, high = int(labels.min()), int(labels.max())
    if low < 0:
        yield Problem(where, f"holds the label {low}", "number the classes from 0")
    if high >= MOST_CLASSES:
        found = f"holds the label {high}"
        yield Problem(where, found, f"number the classes from 0; at most {MOST_CLASSES:,}")
    if low == high:
        yield Problem(
            where,
            f"holds class {low} only",
            "give samples of every class, or the class alone would tell who was a member",
        )


def _of_range(arrays: Arrays, layout: Layout) -> Iterator[Problem]:
    """Labels against the classes, where the file itself says how many there are."""
    values, labels = arrays.get(layout.values), arrays.get(layout.labels)
    if layout is not LOGITS or values is None or labels is None or values.ndim != 2:
        return
    classes = max(2, values.shape[1])
    if labels.dtype.kind in "iu" and labels.size and int(labels.max()) >= classes:
        found = f"holds the label {labels.max()} for {classes} classes"
        yield Problem(layout.labels, found, f"number the classes from 0 to {classes - 1}")


def _of_lengths(arrays: Arrays, known: tuple[str, ...]) -> Iterator[Problem]:
    lengths = {name: arrays[name].shape[:1] for name in known if name in arrays}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {n[0] if n else 'none'}" for name, n in lengths.items())
        yield Problem("lengths", f"differ: {told}", "give every array one entry a sample")
    for name in OPTIONAL:
        if name in arrays and (arrays[name].ndim != 1 or arrays[name].dtype.kind not in "iuUSb"):
            found = f"is {arrays[name].dtype} of shape {arrays[name].shape}"
            yield Problem(name, found, "give one whole number or name a sample")


def _sides(arrays: Arrays) -> Iterator[Problem]:
    if MEMBER not in arrays:
        yield Problem(MEMBER, "is missing", "add bool [n]: true where the model was trained on it")
        return
    member = arrays[MEMBER]
    if member.dtype != np.bool_ or member.ndim != 1:
        yield Problem(MEMBER, f"is {member.dtype} of shape {member.shape}", "give bool [n]")
    elif member.all() or not member.any():
        side = "members" if member.all() else "non-members"
        yield Problem(MEMBER, f"names {side} only", "give samples of both sides")


def _rows(arrays: Arrays, layout: Layout) -> Rows:
    values = np.ascontiguousarray(arrays[layout.values])
    if layout is LOGITS:
        values = values.astype(np.float32)
    labels = arrays[layout.labels].astype(np.int64)
    if "sample_id" in arrays:
        ids = _given(arrays["sample_id"])
    else:
        ids = _by_content(values) if layout is SAMPLES else _by_answers(values, labels)
    return Rows(values, labels, ids, arrays.get("unit"), arrays.get("group"))


def _given(ids: NDArray[np.generic]) -> UInt8:
    """Whatever names a sample, a number, a text or a row of bytes, as uint8 [n, 32]."""
    return _hashed(str(name).encode() for name in ids.tolist())


def _by_content(values: NDArray[np.generic]) -> UInt8:
    kind = f"{values.dtype.str}|{values.shape[1:]}|".encode()
    return _hashed(kind + row.tobytes() for row in values)


def _by_answers(logits: NDArray[np.generic], labels: Int64) -> UInt8:
    """Answers tell samples apart unless a rounded output repeats itself.

    Those that occur once are known by content; the others by their place in this very file.
    """
    content = _by_content(np.column_stack([logits, labels.astype(np.float32)]))
    _, number, count = np.unique(content, axis=0, return_inverse=True, return_counts=True)
    file = hashlib.blake2b(content.tobytes()).digest()
    placed = _hashed(file + place.to_bytes(8, "big") for place in range(len(content)))
    once: NDArray[np.bool_] = count[number.reshape(-1)] == 1
    return np.where(once[:, None], content, placed)


def _hashed(contents: Iterable[bytes]) -> UInt8:
    digests = b"".join(hashlib.blake2b(c, digest_size=ID_BYTES).digest() for c in contents)
    return np.frombuffer(digests, np.uint8).reshape(-1, ID_BYTES)
