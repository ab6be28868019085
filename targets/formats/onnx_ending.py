"""How an ONNX graph ends: which tensor its answers are, and which one stands before softmax."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Scale
from sc_deploy.errors import InferenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    # Any: onnx and protobuf have no types.
    from typing import Any

PASSING: Final = frozenset({"Identity", "Cast", "QuantizeLinear", "DequantizeLinear"})
"""What changes the number format of a value, and at most rounds it."""
SHAPING: Final = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze"})
POSTERIORS: Final = {
    "Softmax": Scale.PROBABILITIES,
    "LogSoftmax": Scale.LOG_PROBABILITIES,
    "Sigmoid": Scale.PROBABILITIES,
    "QLinearSoftmax": Scale.PROBABILITIES,
    "QLinearSigmoid": Scale.PROBABILITIES,
}
FLOATS: Final = frozenset({"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"})


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of a graph: `kind` is the name of its ONNX element type, and `shape` has None
    where an axis is free; both None where shape inference did not reach."""

    name: str
    kind: str | None
    shape: tuple[int | None, ...] | None

    @property
    def is_float(self) -> bool:
        return self.kind in FLOATS


@dataclass(frozen=True, slots=True)
class Ending:
    """`output` answers everybody, on `scale`; `inner` holds the logits, before they are rounded.

    `through` are the operators between the two, from the inside out. Where one of them is of
    integers, `inner_step` or `output_step` names its quantization scale and zero point.
    """

    output: Tensor
    inner: Tensor
    scale: Scale
    through: tuple[str, ...]
    inner_step: tuple[str, ...] = ()
    output_step: tuple[str, ...] = ()


def ending(graph: Any) -> Ending:
    """Of a graph with inferred shapes. Raises UsageError for what no classifier answers."""
    known = tensors(graph)
    makers = _makers(graph)
    output = _answers(graph, known)
    step = () if output.is_float else _step(output, makers.get(output.name))
    nodes = _to_posteriors(output.name, makers)
    if not nodes:
        inner, rounding = _unrounded(output, makers, known)
        if set(rounding) <= {"Identity"}:
            inner, rounding = output, ()
        inner_step = step if inner is output else ()
        return Ending(output, inner, Scale.LOGITS, rounding, inner_step, step)
    last = nodes[-1]
    _refuse_many_labels(last, output)
    scale = POSTERIORS.get(last.op_type, Scale.PROBABILITIES)
    if any(node.op_type == "Log" for node in nodes):
        scale = Scale.LOG_PROBABILITIES
    before = known.get(last.input[0]) or Tensor(last.input[0], "FLOAT", output.shape)
    inner, rounding = _unrounded(before, makers, known)
    through = (*rounding, *(node.op_type for node in reversed(nodes)))
    inner_step = tuple(last.input[1:3]) if inner is before and last.op_type[:2] == "QL" else ()
    return Ending(output, inner, scale, through, inner_step, step)


def _makers(graph: Any) -> dict[str, Any]:
    """The node behind each tensor; single numbers, and short lists of whole ones, as if Constant
    had made them."""
    from onnx import TensorProto, helper

    stored = {
        tensor.name: helper.make_node("Constant", [], [tensor.name], value=tensor)
        for tensor in graph.initializer
        if not tensor.external_data
        and (
            (tensor.data_type == TensorProto.INT64 and len(tensor.dims) <= 1)
            or math.prod(tensor.dims) == 1
        )
    }
    return stored | {name: node for node in graph.node for name in node.output}


def _step(output: Tensor, maker: Any) -> tuple[str, ...]:
    """The names of scale and zero point of an output of integers. Raises UsageError."""
    places = {"QuantizeLinear": slice(1, 3), "QLinearSoftmax": slice(3, 5)}
    if maker is None or maker.op_type not in places:
        raise UsageError(
            f"the file answers {output.name} as {output.kind}, and nothing says on which scale",
            remedy="export it with a float output",
        )
    return tuple(maker.input[places[maker.op_type]])


def tensors(graph: Any) -> dict[str, Tensor]:
    """Every tensor that the graph, or shape inference, says something of."""
    from onnx import TensorProto

    found = {}
    for value in (*graph.value_info, *graph.input, *graph.output):
        kind = value.type.tensor_type
        shape = None
        if kind.HasField("shape"):
            axes = kind.shape.dim
            # Some exporters write a free axis as -1 or 0.
            shape = tuple(d.dim_value if d.dim_value > 0 else None for d in axes)
        known = TensorProto.DataType.Name(kind.elem_type) if kind.elem_type else None
        found[value.name] = Tensor(value.name, known, shape)
    return found


def _answers(graph: Any, known: Mapping[str, Tensor]) -> Tensor:
    """The one output that can be scores of classes."""
    maps = {name for node in graph.node if node.op_type == "ZipMap" for name in node.output}
    outputs = [known[value.name] for value in graph.output if value.name not in maps]
    if len(outputs) > 1:
        outputs = [o for o in outputs if _numeric(o)]
        flat = {_values(o) for o in outputs if _is_flat(o)}
        # Beside scores, what is as wide may be scores too, whatever axes of one it has.
        outputs = [o for o in outputs if _is_flat(o) or (_values(o) or 0) in flat]
    if len(outputs) != 1 or not (outputs[0].kind is None or _numeric(outputs[0])):
        named = ", ".join(f"{v.name} ({known[v.name].kind})" for v in graph.output)
        remedy = "export it with its scores as the only float output"
        # skl2onnx turns scores into a map for each sample, unless it is told otherwise.
        if maps:
            remedy = "convert it again with skl2onnx's options={'zipmap': False}"
        raise UsageError(
            f"the file answers {named}: not one tensor of scores [n, classes]", remedy=remedy
        )
    return outputs[0]


def _is_flat(tensor: Tensor) -> bool:
    return tensor.shape is not None and len(tensor.shape) == 2


def _values(tensor: Tensor) -> int | None:
    """How many values a sample gets; None where that is open."""
    axes = None if tensor.shape is None else tensor.shape[1:]
    return None if axes is None or None in axes else math.prod(axis or 1 for axis in axes)


def _numeric(tensor: Tensor) -> bool:
    return tensor.is_float or tensor.kind in ("UINT8", "INT8")


def _to_posteriors(name: str, makers: Mapping[str, Any]) -> list[Any]:
    """The nodes from the output back to its softmax or sigmoid; empty where it ends in none.

    A softmax that was exported in parts ends in its Exp, which reads logits less a number for
    each sample: softmax makes the same of them. A sigmoid in parts ends in its Neg.
    """
    nodes = []
    for node in _back(name, makers):
        nodes.append(node)
        if node.op_type in POSTERIORS:
            return nodes if _over_classes(node) else []
        if (exp := _share_of(node, makers)) is not None:
            return [*nodes, exp]
        if odds := _odds_of(node, makers):
            return [*nodes, *odds]
        if node.op_type not in PASSING | SHAPING | {"Log"}:
            return []
    return []


def _back(name: str, makers: Mapping[str, Any]) -> Iterator[Any]:
    """The node that makes a tensor, the one that makes its first input, and so on.

    Raises InferenceError where they go round in a circle, which no runtime can follow.
    """
    seen = {name}
    while node := makers.get(name):
        yield node
        name = node.input[0]
        if name in seen:
            raise InferenceError(
                f"the file's operators go round in a circle at {name}",
                remedy="export it again; if it was good before, find out who changed it",
            )
        seen.add(name)


def _share_of(node: Any, makers: Mapping[str, Any]) -> Any:
    """The Exp of exp(z) / sum(exp(z)) over classes, also where the division is a product with
    the reciprocal; None where the node makes something else."""
    if node.op_type == "Div":
        pairs = [(node.input[0], node.input[1])]
    elif node.op_type == "Mul":
        both = ((node.input[0], node.input[1]), (node.input[1], node.input[0]))
        pairs = [(name, _inverse_of(makers.get(other), makers)) for name, other in both]
    else:
        return None
    for name, divisor in pairs:
        above, below = makers.get(name), makers.get(divisor)
        if above is None or below is None:
            continue
        if (above.op_type, below.op_type) == ("Exp", "ReduceSum") and below.input[0] == name:
            return above if _axes(below, makers) in ([1], [-1]) else None
    return None


def _inverse_of(node: Any, makers: Mapping[str, Any]) -> str:
    """The name of x where the node makes 1 / x; empty otherwise."""
    if node is not None and node.op_type == "Reciprocal":
        return str(node.input[0])
    if node is not None and node.op_type == "Div" and _is_one(node.input[0], makers):
        return str(node.input[1])
    return ""


def _odds_of(node: Any, makers: Mapping[str, Any]) -> list[Any]:
    """Add, Exp and Neg of 1 / (1 + exp(-z)), from the outside in; empty for another node."""
    add = makers.get(_inverse_of(node, makers))
    if add is None or add.op_type != "Add":
        return []
    others = [name for name in add.input if not _is_one(name, makers)]
    exp = makers.get(others[0]) if len(others) == 1 else None
    neg = makers.get(exp.input[0]) if exp is not None and exp.op_type == "Exp" else None
    return [add, exp, neg] if neg is not None and neg.op_type == "Neg" else []


def _is_one(name: str, makers: Mapping[str, Any]) -> bool:
    return _constant(name, makers) == [1]


def _axes(node: Any, makers: Mapping[str, Any]) -> list[int]:
    """The axes of a sum: an attribute until opset 12, a constant after; none where computed."""
    for entry in node.attribute:
        if entry.name == "axes":
            return list(entry.ints)
    return _constant(node.input[1], makers) if len(node.input) > 1 else []


def _constant(name: str, makers: Mapping[str, Any]) -> list[Any]:
    """The values of a constant inside the graph, flat; none where it is computed."""
    from onnx import numpy_helper

    constant = makers.get(name)
    if constant is None or constant.op_type != "Constant":
        return []
    values = (e.t for e in constant.attribute if e.name == "value" and not e.t.external_data)
    return [value for held in values for value in numpy_helper.to_array(held).reshape(-1).tolist()]


def _over_classes(node: Any) -> bool:
    """Whether the softmax runs over the axis of classes; 1 and the last are the same in [n, C]."""
    return all(entry.i in (1, -1) for entry in node.attribute if entry.name == "axis")


def _refuse_many_labels(node: Any, output: Tensor) -> None:
    width = output.shape[-1] if output.shape else None
    sigmoid = node.op_type.endswith("Sigmoid") or node.op_type == "Neg"
    if sigmoid and len(output.shape or ()) > 1 and width != 1:
        raise UsageError(
            f"the file ends in a sigmoid over {width or 'several'} outputs, so a sample may have "
            "many labels at once",
            remedy="only classifiers with one label a sample can be audited",
        )


def _unrounded(
    start: Tensor, makers: Mapping[str, Any], known: Mapping[str, Tensor]
) -> tuple[Tensor, tuple[str, ...]]:
    """The innermost float tensor that only roundings part from `start`, and those roundings."""
    inner, through, passed = start, (), []
    for node in _back(start.name, makers):
        if node.op_type not in PASSING:
            break
        name = node.input[0]
        passed.append(node.op_type)
        found = known.get(name)
        # What is quantized here was a float, also where shape inference was stopped.
        if found is None and node.op_type == "QuantizeLinear":
            found = Tensor(name, "FLOAT", start.shape)
        if found is not None and found.is_float:
            inner, through = found, tuple(reversed(passed))
    return inner, through
