"""A first recipe and policy, every setting explained, the key of the roles fresh."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy import annotated, policy, registry, workspace
from sc_deploy.errors import UsageError
from sc_deploy.recipe import NetworkSection, Recipe, RolesSection, TaskSection
from sc_deploy.tasks import draft

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = (
    "# Recipe of scdeploy: what most runs decide about, with its default.\n"
    "# docs/reference/recipe.md lists every setting.\n\n"
)
POLICY = "# Policy of scdeploy. Every setting is here with its default.\n\n"
FROM_PRESET = (
    "# Those with # before them follow from compress.preset; remove it to set your own.\n\n"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a first recipe is to be about: the task, where its data lies, and its label column."""

    task: str = "digits"
    path: Path | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The files, and the columns of a table that no purpose was found for."""

    files: tuple[Path, ...]
    left_out: tuple[str, ...] = ()


def write(folder: Path, wish: Wish, *, size: str, overwrite: bool) -> Written:
    """Write `recipe.yaml` (mode 0600: it holds a secret) and `policy.yaml`.

    Raises UsageError for an unknown task, for data that is not where the task needs it, or for
    files that are there already; DataError for a table that cannot be read.
    """
    _require_known(wish)
    recipe_path, policy_path = folder / "recipe.yaml", folder / "policy.yaml"
    present = [path for path in (recipe_path, policy_path) if path.exists()]
    if present and not overwrite:
        raise UsageError(
            f"{' and '.join(map(str, present))} would be overwritten",
            remedy="choose another folder with -o, or say --overwrite",
        )
    task, left_out = _task(wish, folder)
    recipe = Recipe(
        task=task,
        network=NetworkSection(name=_network(task)),
        roles=RolesSection(key=secrets.token_hex(32)),
    )
    limits = policy.small() if size == "small" else policy.medium()
    workspace.write_text(
        recipe_path,
        RECIPE + FROM_PRESET + annotated.render(recipe),
        mode=0o600,
    )
    workspace.write_text(policy_path, POLICY + annotated.render(limits))
    return Written((recipe_path, policy_path), left_out)


def _require_known(wish: Wish) -> None:
    known = (*registry.names(registry.Group.TASKS), "custom")
    if wish.task not in known:
        raise UsageError(
            f"there is no task {wish.task!r}", remedy=f"choose from {', '.join(known)}"
        )
    if wish.path is None and wish.task in draft.LOADERS:
        raise UsageError(
            f"task {wish.task!r} is a table, and a recipe must name its columns",
            remedy="say where it lies with --path, and the column of classes with --label",
        )
    if wish.path is not None and not wish.path.exists():
        raise UsageError(f"{wish.path} does not exist", remedy="correct --path")
    if wish.label is not None and wish.task not in draft.LOADERS:
        raise UsageError(
            f"task {wish.task!r} has no columns", remedy="leave --label out, or choose a table"
        )


def _task(wish: Wish, folder: Path) -> tuple[TaskSection, tuple[str, ...]]:
    if wish.path is None:
        return draft.named(wish.task, None), ()
    # A path in a recipe is relative to the recipe.
    written = os.path.relpath(wish.path.resolve(), folder.resolve())
    if wish.task not in draft.LOADERS:
        return draft.named(wish.task, written), ()
    found = draft.table(wish.task, wish.path, written, wish.label)
    return found.task, found.left_out


def _network(task: TaskSection) -> str:
    if task.tokenizer is not None:
        return "transformer"
    tabular = task.table is not None and task.table.image is None
    return "mlp" if tabular else NetworkSection().name
