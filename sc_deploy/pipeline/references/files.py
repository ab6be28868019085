"""On which exported files of reference models does a verdict rest, and are they as exported?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy import digest
from sc_deploy.pipeline import trust

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sc_deploy.pipeline.references.plan import Reference


def fingerprint(references: Sequence[Reference], name: str) -> str:
    """Digest of the trained models and of what was exported of them under this name."""
    stages = [reference.run.manifest().stages for reference in references]
    return digest.of_json(
        [
            [reference.key, None if (made := have.get(_stage(name))) is None else made.key]
            for reference, have in zip(references, stages, strict=True)
        ]
    )


def exported(references: Sequence[Reference], name: str) -> tuple[Path, ...]:
    """The files and descriptions under this name; none of a model that was not exported.

    Raises IntegrityError where a file was changed, is missing, or was made from another model.
    """
    found: list[Path] = []
    for reference in references:
        if _stage(name) in reference.run.manifest().stages:
            folder = reference.run.artifact(name)
            artifact = trust.artifact(reference.run, reference.roles, folder)
            found += [folder / "artifact.json", *(folder / file.path for file in artifact.files)]
    return tuple(found)


def _stage(name: str) -> str:
    return f"export:{name}"
