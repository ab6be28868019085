"""Whether an exported file may be questioned at all: every byte of it as this run made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy import digest, workspace
from sc_deploy.contracts import Artifact
from sc_deploy.errors import IntegrityError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts import Roles
    from sc_deploy.workspace import RunFolder


def artifact(run: RunFolder, roles: Roles, folder: Path) -> Artifact:
    """The description of the artifact in this folder of the run.

    Raises UsageError where it was not exported, IntegrityError unless every byte is as exported
    and it was made from the run's model and these roles.
    """
    run.require(f"export:{folder.name}")
    found = workspace.read_document(folder / "artifact.json", Artifact)
    digest.require_files(folder, found.files)
    digest.require_only(folder, ["artifact.json", *(file.path for file in found.files)])
    expected = {
        "name": (found.name, folder.name),
        "parent": (found.parent, digest.of_file(run.compressed / "model.safetensors")),
        "roles": (found.roles_digest, roles.digest),
        "preprocessing": (found.preprocessing_digest, roles.preprocessing_digest),
    }
    faults = [
        Problem(what, f"is {is_now}, expected {wanted}", "export it again")
        for what, (is_now, wanted) in expected.items()
        if is_now != wanted
    ]
    if faults:
        raise IntegrityError(
            f"{folder.name} was not made from this run's model and data",
            remedy="export it again from this run",
            problems=faults,
        )
    return found
