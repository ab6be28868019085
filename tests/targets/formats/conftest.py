"""LiteRT files written by hand, so that tests know what is in them without a converter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    MakeMatrix = Callable[..., bytes]

KINDS = {"float32": 0, "float16": 1, "int32": 2, "uint8": 3, "int8": 9}
FULLY_CONNECTED = 9


@pytest.fixture(scope="session")
def matrix_file() -> MakeMatrix:
    return make_matrix_file


def make_matrix_file(
    weight: NDArray[Any],
    *,
    rows: int = 1,
    scale: float | None = None,
    zero_point: int = 0,
    bias: NDArray[np.float32] | None = None,
    shape: tuple[int, ...] | None = None,
) -> bytes:
    """A model of one matrix product: input [rows, in] to input @ weight.T + bias [rows, out].

    With a scale, input and output count in that step around that zero point, as the weight does
    around zero; all in the weight's dtype.
    """
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools.flatbuffer_utils import convert_object_to_bytearray

    kind = KINDS[weight.dtype.name]
    outputs, inputs = shape or weight.shape
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.description = 3, "by hand"
    model.buffers = [schema.BufferT(), *map(buffer, (weight, bias))]
    ends = (kind, scale, zero_point)
    graph.tensors = [
        tensor("input", (rows, inputs), 0, ends),
        tensor("weight", (outputs, inputs), 1, (kind, scale, 0)),
        tensor("logits", (rows, outputs), 0, ends),
        tensor("bias", (outputs,), 2, (0, None, 0)),
    ]
    graph.inputs, graph.outputs = [0], [2]
    code, step = schema.OperatorCodeT(), schema.OperatorT()
    code.builtinCode = code.deprecatedBuiltinCode = FULLY_CONNECTED
    code.version = 4
    step.inputs, step.outputs = [0, 1, -1 if bias is None else 3], [2]
    step.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    step.builtinOptions = schema.FullyConnectedOptionsT()
    model.signatureDefs = [signature()]
    model.operatorCodes, graph.operators, model.subgraphs = [code], [step], [graph]
    return bytes(convert_object_to_bytearray(model))


def tensor(
    name: str, shape: tuple[int, ...], buffer: int, steps: tuple[int, float | None, int]
) -> Any:  # Any: LiteRT's schema has no types
    from ai_edge_litert import schema_py_generated as schema

    made = schema.TensorT()
    kind, scale, zero_point = steps
    made.name, made.shape, made.buffer, made.type = name, list(shape), buffer, kind
    if scale is not None:
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [scale], [zero_point]
    return made


def buffer(values: NDArray[Any] | None) -> Any:  # Any: LiteRT's schema has no types
    from ai_edge_litert import schema_py_generated as schema

    made = schema.BufferT()
    if values is not None:
        made.data = np.frombuffer(values.tobytes(), np.uint8)
    return made


def signature() -> Any:  # Any: LiteRT's schema has no types
    from ai_edge_litert import schema_py_generated as schema

    made, given, answered = schema.SignatureDefT(), schema.TensorMapT(), schema.TensorMapT()
    given.name, given.tensorIndex = "input", 0
    answered.name, answered.tensorIndex = "logits", 2
    made.signatureKey, made.inputs, made.outputs = "serving_default", [given], [answered]
    return made
