"""Asks a model file that somebody brought: the tensor inside, and what it answers everybody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy import registry
from sc_deploy.contracts import ANY_LENGTH, OpenFormat, RuntimeSummary, TensorSpec
from sc_deploy.errors import DataError, Problem, ScDeployError, UnavailableError, UsageError
from sc_deploy.pipeline import execution, locate
from sc_deploy.pipeline.brought import scale

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts import Bundle, Device, Format, Scale, Tap, Taps, TensorStat
    from sc_deploy.contracts.arrays import Float32
    from sc_deploy.pipeline.brought.samples import BroughtTask
    from sc_deploy.pipeline.execution import Inputs

# Formats that people have, and that nothing here can run.
NOT_HERE: Final = {
    ".mlpackage": "Core ML", ".mlmodel": "Core ML",
    ".engine": "TensorRT", ".plan": "TensorRT", ".mnn": "MNN", ".ort": "the ORT format",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A model file and where it can be read. `file` is what was brought."""

    file: Path
    format: Format
    taps: Taps


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Logits float32 [N, C] of all samples, in their order: of the tensor inside and, where that
    is another, of the file's own output. `read_as` is the scale of the first; `repeats` are the
    first again, for a few samples, from runs of their own."""

    inner: Float32
    public: Float32 | None
    read_as: Scale
    batch_sizes: tuple[int, ...]
    unsteady: tuple[int, ...]
    runtime: RuntimeSummary
    repeats: tuple[Float32, ...]


def open_file(file: Path, scratch: Path) -> Opened:
    """Look into a file. Raises UsageError, UnavailableError, InferenceError or IntegrityError."""
    fmt = _format_of(file)
    locate.require_runtime(fmt)
    if not isinstance(fmt, OpenFormat):
        raise UnavailableError(
            f"a {fmt.name} file cannot be audited without the run that made it",
            remedy="audit its ONNX export, or its predictions with --logits",
        )
    scratch.mkdir()
    return Opened(file, fmt, fmt.taps(file, scratch))


def _format_of(file: Path) -> Format:
    if not file.is_file():
        raise UsageError(f"there is no {file}", remedy="give the path of a model file")
    if file.suffix in NOT_HERE:
        raise UnavailableError(
            f"{file.name}: nothing here runs {NOT_HERE[file.suffix]} files",
            remedy="audit the ONNX file that it was made from, or run it where it belongs and "
            "give its predictions with --logits",
        )
    known = {
        fmt.suffix: fmt
        for name in registry.names(registry.Group.TARGETS)
        for fmt in registry.target(name).formats
    }
    if file.suffix not in known:
        raise UsageError(
            f"{file.name} is no exported model: its ending is {file.suffix!r}",
            remedy=f"give a file ending in {' or '.join(sorted(known))}",
        )
    return known[file.suffix]


def require_fit(opened: Opened, task: BroughtTask) -> None:
    """Raise DataError unless the file takes these samples and knows their labels."""
    wanted = opened.taps.attacked.artifact
    problems = []
    if not _fits(wanted.input, task.x.shape[1:], task.x.dtype.name):
        free = ["any" if axis == ANY_LENGTH else str(axis) for axis in wanted.input.shape]
        problems.append(
            Problem(
                "x",
                f"is {task.x.dtype} [n, {', '.join(map(str, task.x.shape[1:]))}], "
                f"{opened.file.name} takes {wanted.input.dtype} [n, {', '.join(free)}]",
                "give samples as its preprocessing leaves them",
            )
        )
    classes = max(2, wanted.output.shape[0])
    if int(task.y.max()) >= classes:
        found = f"holds the label {task.y.max()}, {opened.file.name} knows {classes} classes"
        problems.append(Problem("y", found, "give the labels that the model was made for"))
    if problems:
        raise DataError(
            "model and samples do not fit", remedy="correct all of it", problems=problems
        )


def _fits(spec: TensorSpec, shape: tuple[int, ...], dtype: str) -> bool:
    same = len(spec.shape) == len(shape) and all(
        wanted in (ANY_LENGTH, axis) for wanted, axis in zip(spec.shape, shape, strict=True)
    )
    return same and spec.dtype == dtype


def ask(opened: Opened, inputs: Inputs, device: Device) -> Answered:
    """Run the file on a device. Raises InferenceError where it does not work as a model."""
    taps = opened.taps
    inside = bundle(opened, taps.attacked, inputs)
    probed = execution.probe(device, inside, inputs)
    answers = execution.run(device, inside, inputs)
    read_as = scale.scale_of(answers.logits, taps.attacked.scale)
    inner = scale.logits(answers.logits, read_as)
    public = None
    if taps.public is not None:
        shipped = execution.run(device, bundle(opened, taps.public, inputs), inputs)
        public = scale.logits(shipped.logits, taps.public.scale)
        scale.require_same_model(inner, public)
    seen = (answers.logits, probed[execution.BATCH])
    again = execution.repeats(device, inside, inputs, seen)
    ran = answers.execution
    return Answered(
        inner=inner,
        public=public,
        read_as=read_as,
        batch_sizes=tuple(probed),
        unsteady=execution.unsteady(probed, answers.logits),
        runtime=RuntimeSummary(
            device.name, ran.runtime, ran.version, ran.compute_unit, ran.latency_ms
        ),
        repeats=tuple(scale.logits(logits, read_as) for logits in again),
    )


def bundle(opened: Opened, tap: Tap, inputs: Inputs) -> Bundle:
    """What runs this tap on samples of just this shape."""
    samples = np.load(inputs.path, mmap_mode="r", allow_pickle=False)
    given = replace(tap.artifact.input, shape=tuple(samples.shape[1:]))
    return opened.format.bundle(replace(tap.artifact, input=given), tap.folder)


def weights(opened: Opened) -> tuple[TensorStat, ...]:
    """The weights in the file; none where it keeps them in a way that cannot be counted."""
    try:
        return opened.format.inspect(opened.file.parent, [opened.file.name])
    except ScDeployError:
        return ()
