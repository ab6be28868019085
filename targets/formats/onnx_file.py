"""What an ONNX file holds: its weights, and nothing of the machine that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import TensorStat
from sc_deploy.errors import InferenceError
from sc_deploy.targets.formats.conversion import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    # Any: onnx and protobuf have no types.
    from typing import Any

    from sc_deploy.contracts.arrays import Float32

# Which inputs of these operators can be weights.
WEIGHT_INPUTS = {"Conv": (1,), "ConvTranspose": (1,), "Gemm": (0, 1), "MatMul": (0, 1)}
QUANTIZED = "_quantized"


def write(proto: Any, path: Path) -> None:
    """Write a checked model without traces of its making; same model, same bytes."""
    import onnx

    _strip(proto)
    onnx.checker.check_model(proto, full_check=True)
    path.write_bytes(proto.SerializeToString(deterministic=True))


def weights(path: Path) -> tuple[TensorStat, ...]:
    """The weights of convolutions and matrix products, by name, shaped (out, in) as in torch.

    An int8 weight counts as zero where it equals its zero point. Raises InferenceError.
    """
    with reading(path):
        import onnx

        proto = onnx.load(path, load_external_data=False)
        _require_self_contained(proto)
        onnx.checker.check_model(proto)
        found = {stat.name: stat for stat in _weights(proto.graph)}
    return tuple(found[name] for name in sorted(found))


def restore_names(proto: Any, weights: Mapping[str, Float32]) -> None:
    """Give initializers that the exporter transposed and renamed the names they have in torch."""
    from onnx import numpy_helper

    known = {entry.name for entry in proto.graph.initializer}
    lost = {name: values for name, values in weights.items() if name not in known}
    for entry in proto.graph.initializer:
        values = numpy_helper.to_array(entry)
        for name, original in lost.items():
            if entry.name not in weights and np.array_equal(values, original.T):
                _rename(proto.graph, entry.name, name)
                del lost[name]
                break


def _rename(graph: Any, old: str, new: str) -> None:
    for entry in graph.initializer:
        if entry.name == old:
            entry.name = new
    for node in graph.node:
        for position, name in enumerate(node.input):
            if name == old:
                node.input[position] = new


def _strip(message: Any) -> None:
    """Clear doc strings and metadata at every depth: they hold source paths and stack traces."""
    for field, value in message.ListFields():
        if field.name in ("doc_string", "metadata_props"):
            message.ClearField(field.name)
        elif field.message_type is not None:
            for part in (value,) if hasattr(value, "ListFields") else value:
                _strip(part)


def _require_self_contained(proto: Any) -> None:
    outside = [entry.name for entry in proto.graph.initializer if entry.external_data]
    if outside:
        raise InferenceError(
            f"{len(outside)} weights lie in another file, {outside[0]} first",
            remedy="save the model with its weights inside",
        )


def _weights(graph: Any) -> Iterator[TensorStat]:
    constants = {entry.name: entry for entry in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        for position in WEIGHT_INPUTS.get(node.op_type, ()):
            maker = makers.get(node.input[position])
            if maker is not None and maker.op_type == "DequantizeLinear":
                stat = _integers(maker, constants)
            else:
                stat = _floats(node.input[position], constants)
            if stat is not None:
                yield _as_torch(node, stat)


def _floats(name: str, constants: Mapping[str, Any]) -> TensorStat | None:
    from onnx import numpy_helper

    if name not in constants or len(constants[name].dims) < 2:
        return None
    values = numpy_helper.to_array(constants[name])
    return TensorStat(name, values.shape, int(np.count_nonzero(values)), values.size)


def _integers(node: Any, constants: Mapping[str, Any]) -> TensorStat | None:
    """The weight behind a DequantizeLinear node; what equals its zero point is a zero."""
    from onnx import numpy_helper

    name = node.input[0]
    if name not in constants or len(constants[name].dims) < 2:
        return None
    values = numpy_helper.to_array(constants[name])
    zero = np.zeros((), values.dtype)
    if len(node.input) > 2:
        zero = numpy_helper.to_array(constants[node.input[2]])
    if zero.ndim == 1:
        axis = next((entry.i for entry in node.attribute if entry.name == "axis"), 1)
        zero = np.expand_dims(zero, [a for a in range(values.ndim) if a != axis % values.ndim])
    plain = name.removesuffix(QUANTIZED)
    return TensorStat(plain, values.shape, int(np.count_nonzero(values != zero)), values.size)


def _as_torch(node: Any, stat: TensorStat) -> TensorStat:
    """The same counts with the shape turned to (out, in), as torch keeps a matrix."""
    plain = any(entry.name == "transB" and entry.i for entry in node.attribute)
    if node.op_type not in ("Gemm", "MatMul") or plain:
        return stat
    return TensorStat(stat.name, stat.shape[::-1], stat.nonzero, stat.size)
