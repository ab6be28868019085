"""Small LiteRT files, built operator by operator through the schema: no converter is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sc_deploy.contracts.arrays import Float32

# Any, throughout: LiteRT's schema and interpreter have no types.
Step = tuple[float, int]
KINDS = {"float32": "FLOAT32", "int8": "INT8", "int32": "INT32", "int64": "INT64", "uint8": "UINT8"}
OPTIONS: dict[str, dict[str, Any]] = {"SOFTMAX": {"beta": 1.0}, "SUM": {"keepDims": True}}
OPTION_CLASSES = {
    "SUM": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions",
}
PROBABILITY: Step = (1 / 256, -128)
"""The one scale that an int8 softmax may answer on."""


@dataclass(frozen=True)
class Place:
    """A tensor of the graph under construction."""

    number: int
    shape: tuple[int, ...]
    kind: str
    step: Step | None


class Drawing:
    """A model of one graph; `write` finishes it."""

    def __init__(self) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self.schema: Any = schema
        self.model: Any = schema.ModelT()
        self.model.version, self.model.description = 3, b"drawn"
        self.model.buffers, self.model.operatorCodes = [schema.BufferT()], []
        self.graph: Any = schema.SubGraphT()
        self.graph.name, self.graph.tensors, self.graph.operators = b"main", [], []
        self.model.subgraphs = [self.graph]

    def tensor(
        self,
        shape: Sequence[int],
        kind: str = "float32",
        *,
        step: Step | None = None,
        name: str = "",
        data: Any = None,
    ) -> Place:
        """A tensor; an axis of -1 is free, and 1 where memory is planned."""
        made = self.schema.TensorT()
        made.name = (name or f"t{len(self.graph.tensors)}").encode()
        made.type = getattr(self.schema.TensorType, KINDS.get(kind, kind))
        made.shape = [max(axis, 1) for axis in shape]
        if -1 in shape:
            made.shapeSignature = list(shape)
        if step is not None:
            made.quantization = self.schema.QuantizationParametersT()
            made.quantization.scale, made.quantization.zeroPoint = [step[0]], [step[1]]
        made.buffer = 0
        if data is not None:
            content = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            made.buffer = len(self.model.buffers)
            self.model.buffers.append(self.schema.BufferT(data=content))
        self.graph.tensors.append(made)
        return Place(len(self.graph.tensors) - 1, tuple(shape), kind, step)

    def constant(self, values: Any, *, step: Step | None = None) -> Place:
        array = np.asarray(values)
        return self.tensor(array.shape, array.dtype.name, step=step, data=array)

    def add(self, operator: str, inputs: Sequence[Place], like: Place, **options: Any) -> Place:
        """An operator that makes a tensor like this one."""
        made = self.tensor(like.shape, like.kind, step=like.step, name=options.pop("name", ""))
        step = self.schema.OperatorT()
        step.opcodeIndex = self._code(operator)
        step.inputs, step.outputs = [place.number for place in inputs], [made.number]
        self._set_options(step, operator, OPTIONS.get(operator, {}) | options)
        self.graph.operators.append(step)
        return made

    def write(self, path: Path, given: Sequence[Place], answers: Sequence[Place]) -> Path:
        from ai_edge_litert.tools.flatbuffer_utils import convert_object_to_bytearray

        self.graph.inputs = [place.number for place in given]
        self.graph.outputs = [place.number for place in answers]
        path.write_bytes(convert_object_to_bytearray(self.model))
        return path

    def sign(self, given: Place, *answers: Place, key: str = "serve", graph: int = 0) -> None:
        """Add a signature."""
        signature = self.schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = key.encode(), graph
        signature.inputs = [self._named("x", given)]
        signature.outputs = [self._named(f"y{n}", place) for n, place in enumerate(answers)]
        self.model.signatureDefs = [*(self.model.signatureDefs or []), signature]

    def _named(self, name: str, place: Place) -> Any:
        entry = self.schema.TensorMapT()
        entry.name, entry.tensorIndex = name.encode(), place.number
        return entry

    def _code(self, operator: str) -> int:
        code = self.schema.OperatorCodeT()
        known = getattr(self.schema.BuiltinOperator, operator, None)
        code.builtinCode = self.schema.BuiltinOperator.CUSTOM if known is None else known
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.customCode = operator.encode() if known is None else None
        code.version = 2 if operator in ("SOFTMAX", "DEQUANTIZE", "LOG_SOFTMAX", "LOGISTIC") else 1
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1

    def _set_options(self, step: Any, operator: str, options: dict[str, Any]) -> None:
        words = "".join(part.capitalize() for part in operator.split("_"))
        name = OPTION_CLASSES.get(operator, f"{words}Options")
        made = getattr(self.schema, f"{name}T", None)
        if made is None:
            return
        step.builtinOptions = made()
        step.builtinOptionsType = getattr(self.schema.BuiltinOptions, name)
        for option, value in options.items():
            setattr(step.builtinOptions, option, value)


def linear(drawing: Drawing, x: Place, weight: Float32, *, name: str = "scores") -> Place:
    """x @ weight, where weight is float32 [features, values]."""
    scores = Place(-1, (x.shape[0], weight.shape[1]), "float32", None)
    held = drawing.constant(weight.T)
    bias = drawing.constant(np.zeros(weight.shape[1], np.float32))
    return drawing.add("FULLY_CONNECTED", [x, held, bias], scores, name=name)


def quantized(place: Place, step: Step) -> Place:
    """What QUANTIZE of this tensor makes, as a pattern for `Drawing.add`."""
    return Place(-1, place.shape, "int8", step)


def real(place: Place) -> Place:
    return Place(-1, place.shape, "float32", None)
