"""The export stage: the compressed model as the files that ship, verified before they exist."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy import digest, predictions, registry, workspace
from sc_deploy.contracts import (
    Artifact,
    Quantization,
    Role,
    TensorSpec,
)
from sc_deploy.errors import (
    ExitCode,
    IntegrityError,
    ScDeployError,
    UnavailableError,
    UsageError,
    worst,
)
from sc_deploy.pipeline import conversion, execution, locate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sc_deploy.contracts import LoadedModel, Roles
    from sc_deploy.contracts.arrays import Int64, NetworkInput, UInt8
    from sc_deploy.pipeline.locate import Build
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.progress import Progress
    from sc_deploy.workspace import RunFolder

TRACE_SAMPLES: Final = 32
# Members whose samples choose integer ranges: never audited, so the audit stays untouched.
QUANTIZATION_ROLE: Final = Role.MEMBER_REFERENCE


@dataclass(frozen=True, slots=True)
class Exported:
    """What one build came to: its artifact, or the error that refused it."""

    name: str
    artifact: Artifact | None
    error: ScDeployError | None

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.OK if self.error is None else self.error.exit_code


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The compressed model of a run with the samples that an exporter may see."""

    model: LoadedModel
    problem: Problem
    roles: Roles

    def samples(self, count: int) -> NetworkInput:
        from sc_deploy.tasks import batches

        return batches.read(self.problem.task, self.roles.index[self.rows(count)])

    def rows(self, count: int) -> Int64:
        return self.roles.rows(QUANTIZATION_ROLE)[:count]


def export(
    run: RunFolder, problem: Problem, builds: Sequence[Build], progress: Progress
) -> tuple[Exported, ...]:
    """Build every artifact; one that fails does not keep the others from being built.

    The run's reference models, if there are any, go the same way: an attacker compares like with
    like. Raises IntegrityError if one of them was changed.
    """
    from sc_deploy.pipeline.compress import load_source
    from sc_deploy.pipeline.references import export as references

    with run.lock():
        run.require("compress")
        missing = {build.name: _missing(build) for build in builds}
        # Loading the source takes torch, which only those builds need that can be made at all.
        source = None if all(missing.values()) else load_source(run, problem)
        progress.start("export", len(builds))
        results = []
        for build in builds:
            results.append(
                attempt(run, source, build)
                if source is not None and missing[build.name] is None
                else Exported(build.name, None, missing[build.name])
            )
            progress.advance(note=build.name)
        made = [build for build in builds if missing[build.name] is None]
        results += references.export(run, problem, made, progress)
    return tuple(results)


def exit_code(results: Sequence[Exported]) -> ExitCode:
    return worst([result.exit_code for result in results])


def _missing(build: Build) -> UnavailableError | None:
    try:
        locate.require_exporter(build.format)
    except UnavailableError as error:
        return error
    return None


def attempt(run: RunFolder, source: Source, build: Build) -> Exported:
    """One build of this model; what is there from the same inputs is taken as it is."""
    try:
        return Exported(build.name, _build(run, source, build), None)
    except ScDeployError as error:
        return Exported(build.name, None, error)


def _build(run: RunFolder, source: Source, build: Build) -> Artifact:
    _require_private(source, build)
    stage, key = f"export:{build.name}", _key(source, build)
    folder = run.artifact(build.name)
    if _holds(run, stage, key, folder):
        return workspace.read_document(folder / "artifact.json", Artifact)
    staged = folder.with_name(f".{build.name}.staged")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        artifact = _write(source, build, staged)
        _verify(run, source, build, artifact, staged)
        workspace.publish_folder(staged, folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    # Written last: a folder without artifact.json is no artifact.
    workspace.write_document(folder / "artifact.json", artifact)
    files = [folder / file.path for file in artifact.files]
    run.finish(stage, key, (*files, folder / "artifact.json"))
    return artifact


def _holds(run: RunFolder, stage: str, key: str, folder: Path) -> bool:
    """Whether the artifact is there as it was made. A changed one is made again, as the refusal
    that named the change told the user to do; nothing of it is kept."""
    try:
        if not run.is_done(stage, key):
            return False
        artifact = workspace.read_document(folder / "artifact.json", Artifact)
        digest.require_only(folder, ["artifact.json", *(file.path for file in artifact.files)])
    except IntegrityError:
        return False
    return True


def _key(source: Source, build: Build) -> str:
    return digest.of_json(
        {
            "model": source.model.digest,
            "roles": source.roles.digest,
            "build": build.name,
            "toolchain": dict(build.format.toolchain()),
            "quantization": _quantized(build) and source.problem.recipe.export.quantization_samples,
        }
    )


def _write(source: Source, build: Build, folder: Path) -> Artifact:
    count = source.problem.recipe.export.quantization_samples
    samples = source.samples(count if _quantized(build) else TRACE_SAMPLES)
    names = build.format.export(source.model, folder, precision=build.precision, samples=samples)
    network = source.model.network
    return Artifact(
        target=build.target.name,
        format=build.format.name,
        precision=build.precision,
        encoding="dense",
        files=digest.of_files(folder, names),
        parent=source.model.digest,
        roles_digest=source.roles.digest,
        preprocessing_digest=source.roles.preprocessing_digest,
        toolchain=build.format.toolchain(),
        input=TensorSpec("input", network.input_shape, network.input_dtype),
        output=TensorSpec("logits", (network.classes,), "float32"),
        tensors=build.format.expected(source.model, precision=build.precision),
        quantization=_quantization(source, count) if _quantized(build) else None,
    )


def _require_private(source: Source, build: Build) -> None:
    """Raise UsageError where members, read without noise, would choose a private model's ranges."""
    if _quantized(build) and any(d.name == "dp-sgd" for d in source.problem.recipe.defence):
        raise UsageError(
            f"{build.name}: {build.precision} takes its ranges from members without noise, which "
            "dp-sgd promised not to show",
            remedy="export fp32",
        )


def _quantized(build: Build) -> bool:
    return build.precision != "fp32"


def _quantization(source: Source, count: int) -> Quantization:
    ids = source.roles.sample_id[source.rows(count)]
    return Quantization(QUANTIZATION_ROLE, len(ids), ids_digest(ids))


def ids_digest(ids: UInt8) -> str:
    """Digest of sample ids uint8 [k, 32] as a set: their order does not count."""
    return digest.of_arrays({"sample_id": ids[np.lexsort(ids.T[::-1])]})


def _verify(run: RunFolder, source: Source, build: Build, artifact: Artifact, folder: Path) -> None:
    """Run the fresh file on real samples before anyone can take it for finished."""
    device = registry.device("local")
    bundle = build.format.bundle(artifact, folder)
    reference, _ = predictions.read(run.predictions("source", Role.VALIDATION))
    task, roles = source.problem.task, source.roles
    with execution.prepared(task, roles, [Role.VALIDATION], run.cache) as inputs:
        answers = execution.probe(device, bundle, inputs)
        asked = roles.sample_id[inputs.rows[: execution.PROBE_SAMPLES]]
    conversion.require_faithful(
        answers,
        predictions.select(reference, asked),
        build.format.tolerance(build.precision),
    )
    conversion.require_weights(
        build.format.inspect(folder, [file.path for file in artifact.files]), artifact
    )
