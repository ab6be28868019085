"""Whether the artifact still is its source: its answers and its weights."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit.questions import percent
from sc_deploy.audit.topic import PARITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.clustered import share
from sc_deploy.privacy.statistics.proportion import proportion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts import Check, Predictions, Rate, Role, TensorStat, Tolerance
    from sc_deploy.contracts.arrays import Int64

LOGITS = "logits agree with the source"
TOP_1 = "top-1 answers agree with the source"
WEIGHTS = "non-zero weights are preserved"
REMEDY = "the conversion is broken: export again, in fp32 first, and compare layer by layer"


@dataclass(frozen=True, slots=True)
class Agreement:
    """`error` is max |Δlogit| over the standard deviation of the source's logits."""

    error: float
    top_1: Rate


def compare(
    artifact: Mapping[Role, Predictions],
    source: Mapping[Role, Predictions],
    *,
    confidence: float,
    units: Mapping[Role, Int64] | None = None,
) -> Agreement | None:
    """Over every role that both answered; None where they know a different number of classes."""
    roles = [role for role in artifact if role in source]
    if any(artifact[role].logits.shape != source[role].logits.shape for role in roles):
        return None
    ours = np.concatenate([artifact[role].logits for role in roles]).astype(np.float64)
    theirs = np.concatenate([source[role].logits for role in roles]).astype(np.float64)
    same = ours.argmax(axis=1) == theirs.argmax(axis=1)
    # A source that always says the same has no scale of its own; then the error is in logits.
    scale = float(theirs.std()) or 1.0
    return Agreement(
        float(np.abs(ours - theirs).max()) / scale,
        _share(same, [(units or {}).get(role) for role in roles], confidence),
    )


def _share(same: NDArray[np.bool_], units: Sequence[Int64 | None], confidence: float) -> Rate:
    known = [unit for unit in units if unit is not None]
    if len(known) == len(units):
        return share(same, np.concatenate(known), confidence=confidence)
    return proportion(int(same.sum()), len(same), confidence=confidence)


def logits(found: Agreement | None, tolerance: Tolerance, *, required: bool) -> Check:
    topic = Topic(LOGITS, PARITY, tolerance.max_error, required=required)
    if found is None:
        return _missing(topic)
    told = f"largest difference {found.error:.3g} standard deviations of the source's logits"
    if found.error <= tolerance.max_error:
        return topic.passed(told)
    return topic.failed(f"{told}, allowed are {tolerance.max_error:g}", REMEDY)


def top_1(found: Agreement | None, tolerance: Tolerance, *, required: bool) -> Check:
    topic = Topic(TOP_1, PARITY, tolerance.agreement, required=required)
    if found is None:
        return _missing(topic)
    told = f"{percent(found.top_1.value)} of {found.top_1.n} samples get the source's answer"
    if found.top_1.value >= tolerance.agreement:
        return topic.passed(told, found.top_1)
    return topic.failed(f"{told}, needed are {percent(tolerance.agreement)}", REMEDY, found.top_1)


def other_classes(artifact: int, source: int) -> tuple[Check, ...]:
    """Both agreement checks where the number of classes changed on the way."""
    told = f"the artifact answers with {artifact} classes, its source with {source}"
    return tuple(Topic(name, PARITY).failed(told, REMEDY) for name in (LOGITS, TOP_1))


def weights(
    found: Sequence[TensorStat] | None,
    expected: Sequence[TensorStat] | None,
    *,
    rounded: bool,
    required: bool,
) -> Check:
    """Every expected tensor is in the file with as many non-zero values, and no other one is.

    `rounded` weights were made integers, which turns some small ones into zero, never one of
    zero into another value. Tensors are matched by name and, where the exporter renamed them,
    by size.
    """
    topic = Topic(WEIGHTS, PARITY, required=required)
    if not found or not expected:
        return _missing(topic)
    wrong = _unmatched(found, expected, rounded=rounded)
    if wrong:
        return topic.failed(f"{'; '.join(wrong[:5])}", REMEDY)
    kept, meant = sum(t.nonzero for t in found), sum(t.nonzero for t in expected)
    if kept == meant:
        return topic.passed(f"{kept} non-zero weights in {len(found)} tensors, as in the source")
    return topic.passed(f"{kept} of {meant} non-zero weights; the others round to integer zero")


def _missing(topic: Topic) -> Check:
    if not topic.required:
        return topic.undecided(None, "there is nothing of the source to compare with", "")
    return topic.undecided(
        Cause.EVIDENCE_MISSING,
        "there is nothing of the source to compare with",
        "audit with the run folder that holds the source, or set `relative: none` in the policy",
    )


def _unmatched(
    found: Sequence[TensorStat], expected: Sequence[TensorStat], *, rounded: bool
) -> list[str]:
    named = {tensor.name: tensor for tensor in found}
    meant = {tensor.name: tensor for tensor in expected}
    if len(named) != len(found) or len(meant) != len(expected):
        return _by_size(found, expected, rounded=rounded)
    both = named.keys() & meant.keys()
    wrong = [
        f"{name}: {named[name].nonzero} non-zero of {named[name].size}, "
        f"expected {meant[name].nonzero} of {meant[name].size}"
        for name in sorted(both)
        if not _holds(named[name], meant[name], rounded=rounded)
    ]
    return wrong + _by_size(
        [tensor for tensor in found if tensor.name not in both],
        [tensor for tensor in expected if tensor.name not in both],
        rounded=rounded,
    )


def _by_size(
    found: Sequence[TensorStat], expected: Sequence[TensorStat], *, rounded: bool
) -> list[str]:
    """Tensors of one size, matched in the order of their non-zero counts."""
    sizes: dict[int, tuple[list[TensorStat], list[TensorStat]]] = defaultdict(lambda: ([], []))
    for side, tensors in enumerate((found, expected)):
        for tensor in sorted(tensors, key=lambda tensor: tensor.nonzero):
            sizes[tensor.size][side].append(tensor)
    wrong = []
    for size, (ours, theirs) in sizes.items():
        fits = len(ours) == len(theirs) and all(
            _holds(one, other, rounded=rounded) for one, other in zip(ours, theirs, strict=True)
        )
        if not fits:
            wrong.append(
                f"of tensors with {size} values the file holds {_counts(ours)} non-zero, "
                f"expected {_counts(theirs)}"
            )
    return wrong


def _holds(found: TensorStat, expected: TensorStat, *, rounded: bool) -> bool:
    if found.size != expected.size:
        return False
    if found.nonzero == expected.nonzero:
        return True
    return rounded and 0 < found.nonzero < expected.nonzero


def _counts(tensors: Sequence[TensorStat]) -> str:
    return ", ".join(str(tensor.nonzero) for tensor in tensors) or "none"
