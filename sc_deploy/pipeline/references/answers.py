"""What an exported reference model answers where the artifact was asked; run once, then kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy import digest, predictions, workspace
from sc_deploy.contracts import Provenance, Role
from sc_deploy.pipeline import execution, locate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sc_deploy.contracts import (
        Artifact,
        Device,
        Execution,
        Predictions,
        Roles,
        RuntimeSummary,
    )
    from sc_deploy.pipeline.execution import Inputs
    from sc_deploy.pipeline.references.plan import Reference


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Where the models are asked, and about which samples: `inputs` are rows of these roles."""

    device: Device
    inputs: Inputs
    roles: Roles

    @property
    def inhabited(self) -> tuple[Role, ...]:
        """The roles that have samples among the inputs."""
        codes = set(self.roles.role[self.inputs.rows].tolist())
        return tuple(role for code, role in enumerate(Role) if code in codes)


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Answers by role of the run, and what gave them: (runtime, version, compute unit)."""

    by_role: Mapping[Role, Predictions]
    ran: tuple[str, str, str]


def answered(
    reference: Reference, artifact: Artifact, runtime: RuntimeSummary, asked: Asked
) -> Answered:
    """The answers of this file of a reference model, run again unless they are kept.

    They are kept under the digest of model, file, exporter, runtime, device, samples and
    preprocessing; `runtime` is what ran the run's own artifact. Raises InferenceError, and
    IntegrityError where what was kept has been changed.
    """
    stage = f"answers:{artifact.name}:{asked.device.name}"
    key = _key(reference, artifact, runtime, asked)
    if not reference.run.is_done(stage, key):
        files = _run(reference, artifact, asked)
        reference.run.finish(stage, key, files)
    return _read(reference, artifact, asked)


def pipeline_digest(artifact: Artifact, device: str, ran: tuple[str, str, str]) -> str:
    """Digest of the way from weights to answers: what a matched file shares with the artifact."""
    chosen = artifact.quantization
    return digest.of_json(
        {
            "build": [artifact.target, artifact.format, artifact.precision, artifact.encoding],
            "toolchain": dict(artifact.toolchain),
            "quantization": None if chosen is None else [chosen.role.value, chosen.samples],
            "preprocessing": artifact.preprocessing_digest,
            "device": device,
            "ran": list(ran),
        }
    )


def described(reference: Reference, name: str) -> Path:
    """Where the description of this file of a reference model lies."""
    return reference.run.artifact(name) / "artifact.json"


def _key(reference: Reference, artifact: Artifact, runtime: RuntimeSummary, asked: Asked) -> str:
    fmt = locate.format_of(artifact.target, artifact.format)
    samples = asked.roles.sample_id[asked.inputs.rows]
    return digest.of_json(
        {
            "artifact": digest.of_file(described(reference, artifact.name)),
            "toolchain": dict(fmt.toolchain()),
            "device": asked.device.name,
            "ran": [runtime.runtime, runtime.version, runtime.compute_unit],
            "samples": digest.of_arrays({"sample_id": samples}),
            "roles": asked.roles.digest,
            "preprocessing": asked.roles.preprocessing_digest,
        }
    )


def _run(reference: Reference, artifact: Artifact, asked: Asked) -> tuple[Path, ...]:
    fmt = locate.format_of(artifact.target, artifact.format)
    bundle = fmt.bundle(artifact, reference.run.artifact(artifact.name))
    answers = execution.run(asked.device, bundle, asked.inputs)
    by_role = execution.by_role(answers, asked.inputs, asked.roles)
    paths = {role: _path(reference, artifact, asked, role) for role in by_role}
    execution.save(by_role, paths, _provenance(reference, artifact, asked, answers.execution))
    return tuple(path.with_suffix(kind) for path in paths.values() for kind in (".npz", ".json"))


def _read(reference: Reference, artifact: Artifact, asked: Asked) -> Answered:
    found, origins = {}, set()
    for role in asked.inhabited:
        found[role], origin = predictions.read(_path(reference, artifact, asked, role))
        origins.add((origin.runtime, origin.runtime_version, origin.compute_unit))
    (ran,) = origins
    return Answered(found, ran)


def _path(reference: Reference, artifact: Artifact, asked: Asked, role: Role) -> Path:
    return reference.run.predictions(f"{artifact.name}/{asked.device.name}", role)


def _provenance(
    reference: Reference, artifact: Artifact, asked: Asked, ran: Execution
) -> Provenance:
    return Provenance(
        schema_version=workspace.SCHEMA_VERSION,
        role=Role.TEST,
        roles_digest=asked.roles.digest,
        preprocessing_digest=asked.roles.preprocessing_digest,
        artifact_digest=digest.of_file(described(reference, artifact.name)),
        predictions_sha256="",
        runtime=ran.runtime,
        runtime_version=ran.version,
        compute_unit=ran.compute_unit,
        output_kind="multiclass",
        latency_ms=ran.latency_ms,
    )


def finite(found: Answered) -> bool:
    return all(bool(np.isfinite(given.logits).all()) for given in found.by_role.values())
