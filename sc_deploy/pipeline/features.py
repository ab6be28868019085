"""The inputs of a model's last layer, for an attack that sees inside it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy import predictions, workspace
from sc_deploy.audit.evidence import ARTIFACT, AUDIT, CALIBRATION, REFERENCE, SOURCE
from sc_deploy.contracts import WhiteBoxFormat
from sc_deploy.errors import InferenceError, IntegrityError
from sc_deploy.pipeline import execution, locate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sc_deploy.contracts import (
        Artifact,
        Knowledge,
        LoadedModel,
        Predictions,
        Role,
        Roles,
        Task,
    )
    from sc_deploy.contracts.arrays import Float32, UInt8
    from sc_deploy.pipeline.versions import Table
    from sc_deploy.policy import Policy
    from sc_deploy.workspace import RunFolder

ATTACK: Final = "white-box"
ROLES: Final = (*CALIBRATION, *AUDIT, *REFERENCE)
ARRAYS: Final = ("features", "sample_id")


def asked(policy: Policy) -> bool:
    """Whether the policy names the attack that needs them."""
    return ATTACK in (*policy.attacks, *policy.shown)


def write(run: RunFolder, model: LoadedModel, task: Task, roles: Roles) -> tuple[Path, ...]:
    """Features float32 [n, D] of the roles that are attacked, mode 0600; the files.

    None where the network does not answer with a linear layer.
    """
    import torch

    from sc_deploy.compress.answers import predict_with_features
    from sc_deploy.compress.last_layer import ends_in
    from sc_deploy.tasks import batches

    few = torch.from_numpy(batches.read(task, roles.index[:2]))
    if not ends_in(model.module, few):
        return ()
    paths = []
    for role in ROLES:
        answers, found = predict_with_features(model.module, task, roles, role)
        buffer = io.BytesIO()
        np.savez(buffer, features=found, sample_id=answers.sample_id)
        paths.append(_path(run, role))
        workspace.write_bytes(paths[-1], buffer.getvalue(), mode=workspace.SECRET)
    return tuple(paths)


def of_file(artifact: Artifact, folder: Path, table: Table) -> dict[Role, Float32]:
    """What the last layer of an exported file reads, in its runtime; row by row as its answers.

    Nothing where that cannot be read out of a file of this format, or this file.
    """
    fmt = locate.format_of(artifact.target, artifact.format)
    if not isinstance(fmt, WhiteBoxFormat):
        return {}
    with execution.scratch(table.inputs.path.parent) as scratch:
        try:
            bundle = fmt.features(artifact, folder, scratch)
            if bundle is None:
                return {}
            answers = execution.run(table.device, bundle, table.inputs)
        except InferenceError:
            return {}
    found = execution.by_role(answers, table.inputs, table.roles)
    return {role: inside.logits for role, inside in found.items()}


def with_file(
    known: Mapping[str, Mapping[Role, Knowledge]], features: Mapping[Role, Float32]
) -> dict[str, dict[Role, Knowledge]]:
    """What is known, and with it what was read out of the exported file."""
    found = {subject: dict(roles) for subject, roles in known.items()}
    for role in found[ARTIFACT]:
        own = features.get(role)
        found[ARTIFACT][role] = replace(found[ARTIFACT][role], features=own)
    return found


def beside(
    known: Mapping[str, Mapping[Role, Knowledge]],
    own: Mapping[Role, Predictions],
    run: RunFolder,
) -> dict[str, dict[Role, Knowledge]]:
    """What is known, and with it the source's features where `compress` wrote some.

    They are put in the order of `own`. The manifest vouches for the files. Raises IntegrityError
    if they cannot be read or hold other samples.
    """
    found = {subject: dict(roles) for subject, roles in known.items()}
    for role in ROLES:
        path = _path(run, role)
        if path.is_file() and role in own:
            ids, features = _read(path)
            rows = predictions.rows_of(ids, own[role].sample_id)
            found[SOURCE][role] = replace(found[SOURCE][role], features=features[rows])
    return found


def _path(run: RunFolder, role: Role) -> Path:
    return run.predictions(SOURCE, role).with_suffix(".features.npz")


def _read(path: Path) -> tuple[UInt8, Float32]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return archive["sample_id"], archive["features"]
    # A damaged archive raises whatever the bytes at that place lead zipfile and numpy to.
    except Exception as error:
        raise IntegrityError(
            f"{path} does not hold features: {error}", remedy="compress again with --overwrite"
        ) from error
