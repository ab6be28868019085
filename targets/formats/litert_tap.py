"""Reads a LiteRT file that somebody brought: what it takes, what it answers, what lies before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sc_deploy import digest
from sc_deploy.contracts import BROUGHT, Artifact, Scale, Tap, Taps, TensorSpec, Tolerance
from sc_deploy.errors import InferenceError, UsageError
from sc_deploy.targets.formats import litert_cut, litert_ending, litert_file
from sc_deploy.targets.formats.conversion import reading

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.targets.formats.litert_ending import Ending
    from sc_deploy.targets.formats.litert_file import Graph, Tensor

# Files from elsewhere: what computes alike differs by rounding, fp16 by its eleven bits.
TOLERANCES: Final = {
    "fp32": Tolerance(1e-3, 0.999),
    "fp16": Tolerance(0.05, 0.99),
    "int8": Tolerance(1.0, 0.95),
}
WHOLE: Final = frozenset({"INT8", "UINT8", "INT16", "INT32", "INT64"})
RUNTIME_EXTRAS: Final = frozenset(
    {"Mfcc", "AudioSpectrogram", "NumericVerify", "TFLite_Detection_PostProcess"}
)
"""Operators by name that the stock runtime brings along."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file as it was brought, with its main graph."""

    file: Path
    graph: Graph
    shipped: Artifact
    ending: Ending

    def tensor(self, place: int) -> Tensor:
        return self.graph.tensors[place]


def taps(file: Path, scratch: Path) -> Taps:
    """See `contracts.OpenFormat`. Whole numbers in and out are turned by the runner, on the
    scale and zero point that the file keeps for them."""
    with reading(file):
        opened = _open(file)
        end, shipped = opened.ending, opened.shipped
        whole = Tap(shipped, file.parent, opened.tensor(end.output).name, end.scale)
        as_it_is = len(opened.graph.outputs) == 1 and len(opened.tensor(end.output).shape) == 2
        outside = whole if as_it_is else _copy(opened, end.output, scratch)
        inside = outside if end.inner == end.output else _copy(opened, end.inner, scratch)
    return Taps(
        shipped=shipped,
        attacked=inside,
        public=None if inside is outside else outside,
        tolerance=TOLERANCES[shipped.precision],
        ending=", ".join(end.through),
    )


def _open(file: Path) -> _Opened:
    graphs = litert_file.read(file)
    litert_cut.require_one_entrance(file)
    _refuse_custom(graphs)
    graph = graphs[0]
    end = litert_ending.ending(graph)
    given = _input(graph)
    answered = graph.tensors[end.output]
    shipped = Artifact(
        target=BROUGHT,
        format="litert",
        precision=_precision(graph),
        encoding="dense",
        files=digest.of_files(file.parent, (file.name,)),
        parent=None,
        roles_digest=None,
        preprocessing_digest=None,
        toolchain=(),
        input=given,
        output=TensorSpec(answered.name, (_classes(graph, end.output),), "float32"),
        tensors=(),
        quantization=None,
    )
    return _Opened(file, graph, shipped, end)


def _refuse_custom(graphs: tuple[Graph, ...]) -> None:
    known = litert_cut.builtin_operators() | RUNTIME_EXTRAS
    custom = sorted({step.kind for graph in graphs for step in graph.operators} - known)
    if custom:
        raise InferenceError(
            f"the file needs operators that LiteRT does not have: {', '.join(custom)}",
            remedy="convert it with built-in operators alone (without SELECT_TF_OPS and custom "
            "operators), or audit its predictions with --logits",
        )


def _precision(graph: Graph) -> str:
    if any(t.kind.startswith(("INT", "UINT")) and len(t.scales) for t in graph.tensors):
        return "int8"
    halves = any(t.kind == "FLOAT16" and t.data is not None for t in graph.tensors)
    return "fp16" if halves else "fp32"


def _input(graph: Graph) -> TensorSpec:
    """What the file takes. Raises UsageError."""
    wanted = [graph.tensors[place] for place in graph.inputs]
    if len(wanted) != 1:
        raise UsageError(
            f"the file takes {len(wanted)} inputs ({', '.join(t.name for t in wanted)}), and "
            "samples have one",
            remedy="convert it with a single input; fix the others inside",
        )
    (given,) = wanted
    dtype = _dtype(given)
    if dtype is None or len(given.shape) < 2:
        raise UsageError(
            f"the file takes {given.name} as {given.kind} of shape {list(given.free_shape)}",
            remedy="convert it for float32 samples, or for whole numbers, [n, ...]",
        )
    if -1 in given.free_shape[1:]:
        raise UsageError(
            f"the file leaves more than its batch open: it takes {given.name} as "
            f"{list(given.free_shape)}",
            remedy="convert it for samples of one fixed shape",
        )
    return TensorSpec(given.name, given.shape[1:], dtype)


def _dtype(given: Tensor) -> str | None:
    """What samples are made of: values where the file quantizes them on a known scale."""
    if given.kind == "FLOAT32" or (len(given.scales) and litert_ending.readable(given)):
        return "float32"
    return "int64" if given.kind in WHOLE and not len(given.scales) else None


def _classes(graph: Graph, place: int) -> int:
    """How many values a sample gets from this tensor. Raises UsageError or InferenceError."""
    tensor, batch = graph.tensors[place], graph.tensors[graph.inputs[0]].shape[0]
    values = litert_ending.width(tensor)
    if values is None or len(tensor.shape) < 2:
        raise InferenceError(
            f"the file does not say how many classes {tensor.name} {list(tensor.free_shape)} has",
            remedy="convert it with scores [n, classes], for a fixed number of classes",
        )
    if tensor.shape[0] != batch or values not in tensor.shape[1:]:
        raise UsageError(
            f"the file answers {tensor.name} as {list(tensor.shape)} for {batch} samples, which "
            "is not one set of scores a sample",
            remedy="only classifiers with one label a sample can be audited; convert it with "
            "scores [n, classes]",
        )
    return values


def _copy(opened: _Opened, place: int, scratch: Path) -> Tap:
    """A copy of the file that ends in this tensor, as [n, values]."""
    tensor, end = opened.tensor(place), opened.ending
    outer = place == end.output
    # A free place: the two copies of one file have different endings.
    copy = scratch / f"{'public' if outer else 'inner'}.tflite"
    values = _classes(opened.graph, place)
    litert_cut.end_in(opened.file, copy, place=place, values=values)
    spec = TensorSpec(tensor.name, (values,), "float32")
    artifact = replace(opened.shipped, files=digest.of_files(scratch, (copy.name,)), output=spec)
    return Tap(artifact, scratch, tensor.name, end.scale if outer else Scale.LOGITS)
