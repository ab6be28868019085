"""Where in an ONNX file the inputs of its last layer can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.targets.formats.conversion import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    # Any: onnx and protobuf have no types.
    from typing import Any

LAYERS: Final = ("Gemm", "MatMul")
# What may stand between the layer and the answer: rounding, and a bias that is added after it.
PASSED: Final = ("DequantizeLinear", "QuantizeLinear", "Identity", "Add")


def last_layer_inputs(model: Path, cut: Path) -> int | None:
    """Write the same model with what its last linear layer reads as its only output.

    How many values that is; None, and nothing written, where the file does not answer with such
    a layer. Whoever has the file can do the same. Raises InferenceError if it cannot be read.
    """
    with reading(model):
        import onnx

        proto = onnx.load(model, load_external_data=False)
        found = _found(proto.graph)
        if found is None:
            return None
        name, width = found
        del proto.graph.output[:]
        shape: list[str | int | None] = ["batch", width]
        proto.graph.output.append(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        )
        cut.write_bytes(proto.SerializeToString(deterministic=True))
    return width


def _found(graph: Any) -> tuple[str, int] | None:
    """Name and width of the tensor that the last layer reads."""
    constants = {entry.name: tuple(entry.dims) for entry in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    node = makers.get(graph.output[0].name)
    while node is not None and node.op_type in PASSED:
        inside = [name for name in node.input if name not in constants]
        node = makers.get(inside[0]) if len(inside) == 1 else None
    if node is None or node.op_type not in LAYERS or node.input[0] not in makers:
        return None
    shape = _weight(node.input[1], constants, makers)
    if shape is None or len(shape) != 2:
        return None
    turned = any(entry.name == "transB" and entry.i for entry in node.attribute)
    return node.input[0], shape[1] if turned else shape[0]


def _weight(
    name: str, constants: Mapping[str, tuple[int, ...]], makers: Mapping[str, Any]
) -> tuple[int, ...] | None:
    """The shape of a constant, rounded to integers or not."""
    maker = makers.get(name)
    if maker is not None and maker.op_type == "DequantizeLinear":
        return constants.get(maker.input[0])
    return constants.get(name)
