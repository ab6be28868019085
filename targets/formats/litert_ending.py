"""How a LiteRT graph ends: which tensor its answers are, and which one stands before softmax."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Scale
from sc_deploy.errors import InferenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sc_deploy.targets.formats.litert_file import Graph, Operator, Tensor

PASSING: Final = frozenset({"QUANTIZE", "DEQUANTIZE", "CAST", "FAKE_QUANT"})
"""What changes the number format of a value, and at most rounds it."""
SHAPING: Final = frozenset({"RESHAPE", "SQUEEZE", "EXPAND_DIMS"})
SPREADING: Final = SHAPING | {"BROADCAST_TO"}
"""What may lie between a sum and the division by it."""
POSTERIORS: Final = {
    "SOFTMAX": Scale.PROBABILITIES,
    "LOG_SOFTMAX": Scale.LOG_PROBABILITIES,
    "LOGISTIC": Scale.PROBABILITIES,
}
SIGMOIDS: Final = ("LOGISTIC", "NEG")
FLOATS: Final = frozenset({"FLOAT32", "FLOAT16", "BFLOAT16", "FLOAT64"})
STEPPED: Final = frozenset({"INT8", "UINT8", "INT16"})
"""Whole numbers that a single scale and zero point turn into values."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`output` answers everybody, on `scale`; `inner` holds the logits, before they are rounded.

    Both are places among the graph's tensors. `through` are the operators between the two, from
    the inside out.
    """

    output: int
    inner: int
    scale: Scale
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Walk:
    """A graph, and which operator makes each of its tensors."""

    graph: Graph
    makers: Mapping[int, Operator]

    def maker(self, place: int) -> Operator | None:
        return self.makers.get(place)

    def tensor(self, place: int) -> Tensor:
        return self.graph.tensors[place]

    def back(self, place: int) -> Iterator[Operator]:
        """The operator that makes a tensor, the one that makes its first input, and so on.

        Raises InferenceError where they go round in a circle, which no runtime can follow.
        """
        seen = {place}
        while (step := self.makers.get(place)) is not None and step.inputs:
            yield step
            place = step.inputs[0]
            if place in seen:
                raise InferenceError(
                    "the file's operators go round in a circle at "
                    f"{self.graph.tensors[place].name}",
                    remedy="export it again; if it was good before, find out who changed it",
                )
            seen.add(place)


def ending(graph: Graph) -> Ending:
    """Of the main graph of a file. Raises UsageError for what no classifier answers."""
    walk = _Walk(graph, {place: step for step in graph.operators for place in step.outputs})
    output = _answers(graph)
    steps = _to_posteriors(output, walk)
    if not steps:
        inner, rounding = _unrounded(output, walk)
        return Ending(output, inner, Scale.LOGITS, rounding)
    last = steps[-1]
    if last.kind in SIGMOIDS:
        _refuse_many_labels(walk.tensor(output))
    scale = POSTERIORS.get(last.kind, Scale.PROBABILITIES)
    if any(step.kind == "LOG" for step in steps):
        scale = Scale.LOG_PROBABILITIES
    inner, rounding = _unrounded(last.inputs[0], walk)
    if not readable(walk.tensor(inner)):
        return Ending(output, output, scale, ())
    return Ending(output, inner, scale, (*rounding, *(step.kind for step in reversed(steps))))


def width(tensor: Tensor) -> int | None:
    """How many values a sample gets; None where the file leaves it open."""
    axes = tensor.free_shape[1:]
    return None if -1 in axes else math.prod(axes)


def readable(tensor: Tensor) -> bool:
    """Whether the values of a tensor are scores, or whole numbers on one known scale."""
    return tensor.kind in FLOATS or (tensor.kind in STEPPED and _has_one_step(tensor))


def _has_one_step(tensor: Tensor) -> bool:
    return len(tensor.scales) == 1 and bool(np.isfinite(tensor.scales[0]) and tensor.scales[0] > 0)


def _answers(graph: Graph) -> int:
    """The one output that can be scores of classes."""
    places = graph.outputs
    if len(places) > 1:
        flat = {width(graph.tensors[p]) for p in places if _scores(graph.tensors[p])}
        # Beside scores, what is as wide may be scores too, whatever axes of one it has.
        places = tuple(
            p
            for p in places
            if _scores(graph.tensors[p])
            or (readable(graph.tensors[p]) and width(graph.tensors[p]) in flat)
        )
    if len(places) != 1 or not readable(graph.tensors[places[0]]):
        outputs = [graph.tensors[place] for place in graph.outputs]
        named = ", ".join(f"{t.name} ({t.kind} {_told(t)})" for t in outputs)
        raise UsageError(
            f"the file answers {named or 'nothing'}: not one tensor of scores [n, classes]",
            remedy="convert it with its scores as the only output, as floats or quantized on "
            "one scale",
        )
    return places[0]


def _scores(tensor: Tensor) -> bool:
    return readable(tensor) and len(tensor.shape) == 2


def _told(tensor: Tensor) -> str:
    return str(list(tensor.free_shape))


def _to_posteriors(output: int, walk: _Walk) -> list[Operator]:
    """The operators from the output back to its softmax or sigmoid; empty where it ends in none.

    A softmax that was exported in parts ends in its EXP, which reads logits less a number for
    each sample: softmax makes the same of them. A sigmoid in parts ends in its NEG.
    """
    classes = width(walk.tensor(output))
    steps = []
    for step in walk.back(output):
        steps.append(step)
        if step.kind in POSTERIORS:
            return steps if _over_classes(step, walk, classes) else []
        if (parts := _share(step, walk) or _odds(step, walk)) is not None:
            return [*steps, *parts] if _over_classes(parts[-1], walk, classes) else []
        if step.kind not in PASSING | SHAPING | {"LOG"}:
            return []
    return []


def _over_classes(step: Operator, walk: _Walk, classes: int | None) -> bool:
    """Whether the last axis of what it makes is all that a sample gets: softmax runs over that."""
    shape = walk.tensor(step.outputs[0]).free_shape
    one_by_one = step.kind in SIGMOIDS
    return one_by_one or (len(shape) > 1 and shape[-1] == classes)


def _share(step: Operator, walk: _Walk) -> tuple[Operator, ...] | None:
    """The EXP of exp(z) / sum(exp(z)) over classes, also written as a product with 1 / sum."""
    if step.kind not in ("DIV", "MUL"):
        return None
    for above, below in (step.inputs[:2], step.inputs[1::-1]):
        exp, total = walk.maker(above), _spread(below, walk)
        if step.kind == "MUL":
            total = _inverted(total, walk)
        if exp is not None and exp.kind == "EXP" and _sums(total, above, walk):
            return (exp,)
        if step.kind == "DIV":
            break
    return None


def _spread(place: int, walk: _Walk) -> Operator | None:
    """The operator behind a tensor, past those that only repeat or reshape it."""
    return next((step for step in walk.back(place) if step.kind not in SPREADING), None)


def _inverted(step: Operator | None, walk: _Walk) -> Operator | None:
    """What 1 / x divides by."""
    if step is None or step.kind != "DIV" or not _is_one(walk.tensor(step.inputs[0])):
        return None
    return _spread(step.inputs[1], walk)


def _sums(step: Operator | None, exp: int, walk: _Walk) -> bool:
    if step is None or step.kind != "SUM" or step.inputs[0] != exp:
        return False
    axes = walk.tensor(step.inputs[1]).data
    last = len(walk.tensor(exp).shape) - 1
    return axes is not None and np.frombuffer(axes, np.int32).tolist() in ([-1], [last])


def _odds(step: Operator, walk: _Walk) -> tuple[Operator, ...] | None:
    """ADD, EXP and NEG of 1 / (1 + exp(-z)), from the outside in."""
    if step.kind != "DIV" or not _is_one(walk.tensor(step.inputs[0])):
        return None
    add = walk.maker(step.inputs[1])
    if add is None or add.kind != "ADD":
        return None
    ones = [place for place in add.inputs if _is_one(walk.tensor(place))]
    others = [place for place in add.inputs if place not in ones]
    exp = walk.maker(others[0]) if len(others) == 1 else None
    neg = walk.maker(exp.inputs[0]) if exp is not None and exp.kind == "EXP" else None
    if exp is None or neg is None or neg.kind != "NEG":
        return None
    return (add, exp, neg)


def _is_one(tensor: Tensor) -> bool:
    if tensor.data is None or tensor.kind != "FLOAT32":
        return False
    return bool((np.frombuffer(tensor.data, np.float32) == 1.0).all())


def _refuse_many_labels(output: Tensor) -> None:
    if width(output) != 1:
        raise UsageError(
            f"the file ends in a sigmoid over {width(output) or 'several'} outputs, so a sample "
            "may have many labels at once",
            remedy="only classifiers with one label a sample can be audited",
        )


def _unrounded(start: int, walk: _Walk) -> tuple[int, tuple[str, ...]]:
    """The innermost tensor that only roundings part from `start`, and the operators between.

    Without a rounding `start` itself is as good, and nothing needs to be cut.
    """
    inner = start
    through: tuple[str, ...] = ()
    passed: list[str] = []
    values = width(walk.tensor(start))
    for step in walk.back(start):
        if step.kind not in PASSING | SHAPING:
            break
        passed.append(step.kind)
        found = walk.tensor(step.inputs[0])
        if _rounds(step, walk) and readable(found) and width(found) == values:
            inner, through = step.inputs[0], tuple(reversed(passed))
    return inner, through


def _rounds(step: Operator, walk: _Walk) -> bool:
    """Whether what goes in can be finer than what comes out."""
    if step.kind == "CAST":
        return walk.tensor(step.outputs[0]).kind != "FLOAT32"
    return step.kind in ("QUANTIZE", "FAKE_QUANT")
