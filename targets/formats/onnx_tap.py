"""Reads an ONNX file that somebody brought: what it takes, what it answers, what lies before."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sc_deploy import digest
from sc_deploy.contracts import (
    ANY_LENGTH,
    BROUGHT,
    Artifact,
    Scale,
    Tap,
    Taps,
    TensorSpec,
    Tolerance,
)
from sc_deploy.errors import InferenceError, IntegrityError, Problem, UsageError
from sc_deploy.targets.formats import onnx_ending
from sc_deploy.targets.formats.conversion import reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    # Any: onnx and protobuf have no types.
    from typing import Any

    from sc_deploy.targets.formats.onnx_ending import Ending, Tensor

DTYPES: Final = {"FLOAT": "float32", "INT64": "int64"}
# Files from elsewhere: what computes alike differs by rounding, fp16 by its eleven bits.
TOLERANCES: Final = {
    "fp32": Tolerance(1e-3, 0.999),
    "fp16": Tolerance(0.05, 0.99),
    "int8": Tolerance(1.0, 0.95),
}


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file as it was brought: `proto` without external weights, local functions inlined."""

    file: Path
    proto: Any
    shipped: Artifact
    ending: Ending


def taps(file: Path, scratch: Path) -> Taps:
    """See `contracts.OpenFormat`."""
    with reading(file):
        opened = _open(file)
        end, shipped = opened.ending, opened.shipped
        whole = Tap(shipped, file.parent, end.output.name, end.scale)
        outside = whole if _runs_as_it_is(opened) else _copy(opened, end.output, scratch, end.scale)
        inside = outside
        if end.inner.name != end.output.name:
            inside = _copy(opened, end.inner, scratch, Scale.LOGITS)
    return Taps(
        shipped=shipped,
        attacked=inside,
        public=None if inside is outside else outside,
        tolerance=TOLERANCES[shipped.precision],
        ending=", ".join(end.through),
    )


def _open(file: Path) -> _Opened:
    import onnx
    from onnx import inliner

    proto = onnx.load(file, load_external_data=False)
    if not proto.graph.node:
        raise InferenceError(
            f"{file.name} holds no ONNX graph", remedy="give a model that was exported to ONNX"
        )
    beside = tuple(_external(file, proto))
    if proto.functions:
        proto = inliner.inline_local_functions(proto)
    inferred = onnx.shape_inference.infer_shapes(proto)
    end = onnx_ending.ending(inferred.graph)
    shipped = Artifact(
        target=BROUGHT,
        format="onnx",
        precision=_precision(proto.graph),
        encoding="dense",
        files=digest.of_files(file.parent, (file.name, *beside)),
        parent=None,
        roles_digest=None,
        preprocessing_digest=None,
        toolchain=((proto.producer_name, proto.producer_version),) if proto.producer_name else (),
        input=_input(proto.graph, inferred.graph),
        output=TensorSpec(end.output.name, (_width(end.output, end.inner),), "float32"),
        tensors=(),
        quantization=None,
    )
    return _Opened(file, inferred, shipped, end)


def _external(file: Path, proto: Any) -> Iterator[str]:
    """Names of the files beside the model that hold its weights, each once."""
    from onnx.external_data_helper import ExternalDataInfo

    stored = (t for t in proto.graph.initializer if t.external_data)
    names = sorted({ExternalDataInfo(tensor).location for tensor in stored})
    folder = file.parent.resolve()
    astray = [n for n in names if not (folder / n).resolve().is_relative_to(folder)]
    if astray:
        raise IntegrityError(
            f"{file.name} points out of its own folder",
            remedy="do not trust it; ask for a file with its weights inside",
            problems=[Problem(name, "is where weights shall lie", "none") for name in astray],
        )
    gone = [name for name in names if not (folder / name).is_file()]
    if gone:
        raise InferenceError(
            f"{file.name} keeps weights in other files, and {', '.join(gone)} is not there",
            remedy="put them beside it, or save the model with its weights inside",
        )
    yield from names


def _precision(graph: Any) -> str:
    from onnx import TensorProto

    if any("Quant" in node.op_type or "QLinear" in node.op_type for node in graph.node):
        return "int8"
    halves = any(tensor.data_type == TensorProto.FLOAT16 for tensor in graph.initializer)
    return "fp16" if halves else "fp32"


def _input(graph: Any, inferred: Any) -> TensorSpec:
    """What the file takes, free axes as ANY_LENGTH. Raises UsageError or InferenceError."""
    constants = {tensor.name for tensor in graph.initializer}
    wanted = [value.name for value in graph.input if value.name not in constants]
    if len(wanted) != 1:
        raise UsageError(
            f"the file takes {len(wanted)} inputs ({', '.join(wanted)}), and samples have one",
            remedy="export it with a single input; fix the others inside",
        )
    found = onnx_ending.tensors(inferred)[wanted[0]]
    if found.kind not in DTYPES or not found.shape:
        raise UsageError(
            f"the file takes {found.name} as {found.kind} of shape {found.shape}",
            remedy="export it for float32 samples, or for int64 token ids, [n, ...]",
        )
    if found.shape[0] not in (None, 1):
        raise InferenceError(
            f"its batch dimension is fixed at {found.shape[0]}",
            remedy="export it with a dynamic batch dimension, or with one of 1",
        )
    shape = tuple(ANY_LENGTH if axis is None else axis for axis in found.shape[1:])
    return TensorSpec(found.name, shape, DTYPES[found.kind])


def _width(*tensors: Tensor) -> int:
    """How many values a sample gets, from the first tensor that says so."""
    for tensor in tensors:
        axes = (tensor.shape or ())[1:]
        if tensor.shape and all(axis is not None for axis in axes):
            _refuse_many_answers(tensors[0].name, [axis for axis in axes if axis != 1])
            return math.prod(axis or 1 for axis in axes)
    raise InferenceError(
        f"the file does not say how many classes {tensors[0].name} has",
        remedy="export it with a fixed number of classes",
    )


def _refuse_many_answers(name: str, axes: list[int | None]) -> None:
    """Of several axes, say positions and classes, none is the classes of a whole sample."""
    if len(axes) > 1:
        raise UsageError(
            f"the file answers {name} as [n, {', '.join(map(str, axes))}] a batch, which is "
            "more than one set of scores a sample",
            remedy="only classifiers with one label a sample can be audited; export it with "
            "scores [n, classes]",
        )


def _runs_as_it_is(opened: _Opened) -> bool:
    output = opened.ending.output
    plain = output.kind == "FLOAT" and len(output.shape or ()) == 2
    return plain and len(opened.proto.graph.output) == 1


def _copy(opened: _Opened, tensor: Tensor, scratch: Path, scale: Scale) -> Tap:
    """A copy of the file that ends in this tensor, as float32 [n, values]."""
    import onnx
    from onnx.external_data_helper import load_external_data_for_model

    proto = type(opened.proto)()
    proto.CopyFrom(opened.proto)
    if len(opened.shipped.files) > 1:
        load_external_data_for_model(proto, str(opened.file.parent))
    end = opened.ending
    step = end.inner_step if tensor is end.inner else end.output_step
    _end_in(proto.graph, tensor.name, step)
    # A free place: the two copies of one file have different endings.
    name = f"{'public' if tensor is end.output else 'inner'}.onnx"
    onnx.save(proto, scratch / name)
    files = digest.of_files(scratch, (name,))
    spec = TensorSpec(tensor.name, (_width(tensor, end.output),), "float32")
    return Tap(replace(opened.shipped, files=files, output=spec), scratch, tensor.name, scale)


def _end_in(graph: Any, name: str, quantization: tuple[str, ...]) -> None:
    from onnx import TensorProto, helper

    # Any: an operator's own settings.
    steps: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
        ("Cast", (), {"to": TensorProto.FLOAT}),
        ("Flatten", (), {"axis": 1}),
    ]
    if quantization:
        steps.insert(0, ("DequantizeLinear", quantization, {}))
    for number, (operator, more, settings) in enumerate(steps):
        made = f"scdeploy_tap_{number}"
        graph.node.append(helper.make_node(operator, [name, *more], [made], **settings))
        name = made
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", "values"]))
