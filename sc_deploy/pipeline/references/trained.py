"""Which reference models of a run are finished, and are they still what was trained?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.errors import IntegrityError, Problem
from sc_deploy.pipeline.references.plan import planned
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.contracts import Roles
    from sc_deploy.pipeline.problem import Problem as Asked
    from sc_deploy.pipeline.references.plan import Reference
    from sc_deploy.workspace import RunFolder

STAGE: Final = "references"
"""Of the whole set; its key is their number. It is entered when the last of them is trained."""
COMPRESS: Final = "compress"


def count(run: RunFolder) -> int:
    """How many reference models the run has; a set that is not complete counts for nothing.

    Raises IntegrityError if the manifest says what nobody wrote.
    """
    stage = run.manifest().stages.get(STAGE)
    if stage is None:
        return 0
    if not stage.key.isdecimal():
        raise IntegrityError(
            f"the manifest of {run.root} counts {stage.key!r} reference models",
            remedy="find out who changed it, and restore manifest.json",
        )
    return int(stage.key)


def enter(run: RunFolder, reference: Reference) -> None:
    """Write the digests of a trained model's files into the manifest of the run it belongs to."""
    files = reference.run.require(COMPRESS).outputs
    run.finish(reference.stage, reference.key, tuple(reference.run.root / f.path for f in files))


def trusted(run: RunFolder, problem: Asked, roles: Roles) -> tuple[Reference, ...]:
    """The run's reference models, every byte of them as trained.

    Raises IntegrityError where weights, answers or masks were changed, or where one was trained
    by another recipe, on other samples, or is missing from a complete set.
    """
    references = planned(run, problem, roles, count(run))
    faults = [fault for reference in references for fault in _faults(run, reference)]
    if faults:
        raise IntegrityError(
            "reference models are not what this run's recipe trains",
            remedy=f"find out who changed them; remove {run.references} and train them again",
            problems=faults,
        )
    for reference in references:
        run.require(reference.stage)
        _require_mask(reference)
    return references


def _faults(run: RunFolder, reference: Reference) -> Iterator[Problem]:
    stage = run.manifest().stages.get(reference.stage)
    where = f"reference {reference.number}"
    if stage is None:
        yield Problem(where, "is missing", "train it again")
    elif stage.key != reference.key:
        yield Problem(where, "was made from another recipe, data or code", "train it again")
    else:
        listed = {run.root / file.path for file in stage.outputs}
        for path in (reference.run.compressed / "model.safetensors", reference.run.roles):
            if path not in listed:
                yield Problem(where, f"has no digest of {path.name}", "train it again")


def _require_mask(reference: Reference) -> None:
    stored = role_files.load(reference.run.roles)
    if stored.digest != reference.roles.digest:
        raise IntegrityError(
            f"reference {reference.number} says that it was trained on other samples than the "
            "key of the roles gives it",
            remedy="find out who changed it; remove the folder of references and train them again",
        )
