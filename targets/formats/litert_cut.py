"""Rewrites a LiteRT file so that it ends in another of its tensors."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.errors import InferenceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    # Any: LiteRT's schema has no types.
    from typing import Any

MADE: Final = b"scdeploy_tap"


def require_one_entrance(file: Path) -> None:
    """Raise UsageError if signatures leave open what is asked, or answer what is not audited.

    Apps read answers by a signature as well as by the outputs of the graph, and the two lists
    need not agree.
    """
    model = _model(file)
    entrances = [(s.signatureKey.decode(), s.subgraphIndex) for s in model.signatureDefs or ()]
    if len(entrances) > 1 or any(graph != 0 for _, graph in entrances):
        named = ", ".join(name for name, _ in entrances)
        raise UsageError(
            f"the file offers {len(entrances)} signatures ({named}), and nothing says which of "
            "them is the classifier",
            remedy="convert it with the one signature that answers with scores",
        )
    graph = model.subgraphs[0]
    for signature in model.signatureDefs or ():
        named_places = {entry.tensorIndex for entry in signature.outputs or ()}
        if named_places != set(graph.outputs):
            raise UsageError(
                f"the signature {signature.signatureKey.decode()} answers other tensors than the "
                "graph that it stands for, so apps can read what no audit of the other sees",
                remedy="convert it again, with its scores as the only output",
            )


@cache
def builtin_operators() -> frozenset[str]:
    """The names of the operators that LiteRT itself knows."""
    from ai_edge_litert import schema_py_generated as schema

    names = vars(schema.BuiltinOperator).items()
    return frozenset(name for name, code in names if isinstance(code, int)) - {"CUSTOM"}


def end_in(file: Path, copied: Path, *, place: int, values: int) -> None:
    """Write the file again with the tensor at `place` as its only output, shaped [n, values].

    It keeps its element type, and with it its scale and zero point. What came after it stays in
    the graph and answers nobody.
    """
    from ai_edge_litert.tools.flatbuffer_utils import convert_object_to_bytearray

    model = _model(file)
    _require_all_inside(file, model)
    graph = model.subgraphs[0]
    if len(graph.tensors[place].shape) != 2:
        place = _flattened(model, place, values)
    graph.outputs = [place]
    for signature in model.signatureDefs or ():
        del signature.outputs[1:]
        signature.outputs[0].tensorIndex = place
    copied.write_bytes(convert_object_to_bytearray(model))


def _model(file: Path) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromPackedBuf(file.read_bytes(), 0)


def _require_all_inside(file: Path, model: Any) -> None:
    if any(buffer.offset > 1 for buffer in model.buffers):
        raise InferenceError(
            f"{file.name} keeps weights behind its flatbuffer, which cannot be rewritten",
            remedy="convert it to less than two gigabytes, or audit its predictions with --logits",
        )


def _flattened(model: Any, place: int, values: int) -> int:
    """Add a RESHAPE to [n, values] of this tensor; the place of what it makes."""
    from ai_edge_litert import schema_py_generated as schema

    graph = model.subgraphs[0]
    shape = np.array([-1, values], np.int32)
    made = copy.copy(graph.tensors[place])
    made.name, made.buffer = MADE, 0
    made.shape = np.array([graph.tensors[place].shape[0], values], np.int32)
    made.shapeSignature = shape
    wanted = schema.TensorT()
    wanted.name, wanted.type, wanted.shape = MADE + b"_shape", schema.TensorType.INT32, [2]
    wanted.buffer = len(model.buffers)
    model.buffers.append(schema.BufferT(data=np.frombuffer(shape.tobytes(), np.uint8)))
    graph.tensors += [wanted, made]
    step = schema.OperatorT()
    step.opcodeIndex = _reshape_code(model)
    step.inputs, step.outputs = [place, len(graph.tensors) - 2], [len(graph.tensors) - 1]
    graph.operators.append(step)
    return len(graph.tensors) - 1


def _reshape_code(model: Any) -> int:
    """The place of RESHAPE among the operators that the model names, at its end if new."""
    from ai_edge_litert import schema_py_generated as schema

    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.RESHAPE
    code.version = 1
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1
