"""What a model before export answers, written down for every role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from sc_deploy import predictions
from sc_deploy.compress.answers import predict
from sc_deploy.contracts import Provenance

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts import LoadedModel, Role, Roles
    from sc_deploy.progress import Progress
    from sc_deploy.workspace import RunFolder

SCHEMA_VERSION: Final = 1
SOURCE: Final = "source"
DENSE: Final = "dense"


def observe(
    model: LoadedModel, job: Job, run: RunFolder, *, subject: str, progress: Progress
) -> tuple[Path, ...]:
    """Write the predictions of every role that has samples; the `.npz` files, in role order.

    Every sample goes through the same deterministic preprocessing, member or not.
    """
    progress.start(f"observe {subject}", len(job.inhabited))
    paths = []
    for role in job.inhabited:
        found = predict(model.module, job.task, job.roles, role)
        origin = _provenance(model, job.roles, role, predictions.content_digest(found))
        paths.append(run.predictions(subject, role))
        predictions.write(paths[-1], found, origin)
        progress.advance()
    return tuple(paths)


def _provenance(model: LoadedModel, roles: Roles, role: Role, content: str) -> Provenance:
    return Provenance(
        schema_version=SCHEMA_VERSION,
        role=role,
        roles_digest=roles.digest,
        preprocessing_digest=roles.preprocessing_digest,
        artifact_digest=model.digest,
        predictions_sha256=content,
        runtime="torch",
        runtime_version=str(torch.__version__),
        compute_unit="cpu",
        output_kind="multiclass",
        latency_ms=None,
    )
