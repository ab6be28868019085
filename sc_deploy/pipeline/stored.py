"""What `compress` left for the audit of its models: their answers, and who the canaries are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy import predictions
from sc_deploy.contracts import Role
from sc_deploy.errors import IntegrityError
from sc_deploy.tasks import canaries

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts import ModelSummary, Planted, Predictions, Provenance, Roles
    from sc_deploy.recipe import Recipe
    from sc_deploy.workspace import RunFolder


def answers(
    run: RunFolder, roles: Roles, subject: str, model: ModelSummary | None
) -> dict[Role, Predictions] | None:
    """Predictions of this model by role; None where it has none. Raises IntegrityError if they
    are another's."""
    found: dict[Role, Predictions] = {}
    for role in Role:
        path = run.predictions(subject, role)
        if path.is_file() and model is not None:
            found[role], origin = predictions.read(path)
            _require_origin(path, origin, roles, (role, model.digest))
    return found or None


def planted(run: RunFolder, recipe: Recipe, roles: Roles) -> Planted | None:
    """The canaries of the run, whose file the manifest vouches for. Raises IntegrityError."""
    return None if recipe.canaries is None else canaries.load(run.canaries, roles)


def _require_origin(path: Path, origin: Provenance, roles: Roles, made: tuple[Role, str]) -> None:
    """Members and non-members must have come the same way: same model, roles, preprocessing."""
    found = (origin.role, origin.artifact_digest, origin.roles_digest, origin.preprocessing_digest)
    if found != (*made, roles.digest, roles.preprocessing_digest):
        raise IntegrityError(
            f"{path} holds predictions of another model, other roles or other preprocessing",
            remedy="run compress again with --overwrite",
        )
