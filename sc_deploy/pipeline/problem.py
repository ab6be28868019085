"""The problem of a run: its recipe, its data, and who serves what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from sc_deploy import digest, registry, userfile, workspace
from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.networks import hub
from sc_deploy.pipeline.admission import WEIGHTS, in_spite_of
from sc_deploy.policy import Policy, small
from sc_deploy.recipe import Recipe
from sc_deploy.recipe.data import WORDS
from sc_deploy.refusals import Refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Roles, Task
    from sc_deploy.recipe import NetworkSection
    from sc_deploy.workspace import RunFolder


STAND_INS: Final = {"roles": {"key": "0" * 64}}
"""For sections without which there is no recipe, where other problems are looked for."""

SectionT = TypeVar("SectionT", bound=userfile.Strict)


@dataclass(frozen=True, slots=True)
class Brought:
    """sha256 of what the user brought: task code, first weights, tokenizer, who was trained on
    before, and a pretrained network's configuration with the code that is trusted in it. Locked,
    so that none can change unseen."""

    code: str | None = None
    weights: str | None = None
    tokenizer: str | None = None
    declared_members: str | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What the user asked for, with its data at hand."""

    recipe: Recipe
    policy: Policy
    task: Task
    brought: Brought


def load(path: Path, *, overrides: Sequence[str] = (), trust_code: str | None = None) -> Problem:
    """The recipe at `path`, the policy it names, and its task.

    Paths in a recipe are relative to it. What is wrong is gathered, and with it all that training
    would be refused for later. Raises UsageError, DataError, IntegrityError or UnavailableError.
    """
    found = Refusals()
    recipe = _read(path, overrides, found)
    if recipe is None:
        found.require_none()
        raise AssertionError("a recipe that is not there was refused")
    policy = found.tried(
        partial(userfile.load, path.parent / recipe.policy, Policy),
        about="policy",
        reads=("policy",),
    )
    recipe = _resolved(recipe, path.parent, found)
    # Of a recipe that is refused anyway nothing is fetched.
    if found and hub.is_remote(recipe.network):
        found.spoil("network")
    brought = _brought(recipe, found)
    if found and recipe.task.download:
        found.spoil("task")
    loaded = found.tried(partial(_task, recipe, trust_code), reads=("task",))
    if found and loaded is not None:
        in_spite_of(Problem(recipe, policy or small(), loaded[0], brought), found)
    found.require_none()
    assert policy is not None
    assert loaded is not None
    task, code = loaded
    return Problem(recipe, policy, task, replace(brought, code=code))


def _read(path: Path, overrides: Sequence[str], found: Refusals) -> Recipe | None:
    """The recipe; of one that was refused what is left without its spoiled sections, or None."""
    try:
        return userfile.load(path, Recipe, overrides)
    except UsageError as error:
        left = userfile.mended(path, Recipe, overrides, stand_ins=STAND_INS)
        recipe, spoiled = left or (None, frozenset())
        found.add(error, spoils=spoiled)
        return recipe


def variant(problem: Problem, path: Path, overrides: Sequence[str]) -> Problem:
    """The same problem with other settings of the recipe at `path`: task and policy stay."""
    found = Refusals()
    recipe = _resolved(userfile.load(path, Recipe, overrides), path.parent, found)
    found.require_none()
    return replace(problem, recipe=recipe)


def reload(run: RunFolder, *, trust_code: str | None = None) -> Problem:
    """The problem that a run was made from, by its locks.

    Raises IntegrityError if a lock, or the trusted code, is not what it was.
    """
    run.require("locks")
    recipe = userfile.load(run.recipe_lock, Recipe)
    policy = userfile.load(run.policy_lock, Policy)
    locked = workspace.read_document(run.brought_lock, Brought)
    _require_same_files(recipe, locked)
    task, code = _task(recipe, trust_code)
    if code != locked.code:
        raise IntegrityError(
            f"--trust-code has sha256 {code}, the run was made with {locked.code}",
            remedy="give the file that the run was compressed with, or compress again",
        )
    return Problem(recipe, policy, task, locked)


def lock(run: RunFolder, problem: Problem) -> None:
    """Fix recipe, policy and code for this run. Raises UsageError on a later change."""
    texts = {
        run.recipe_lock: userfile.dump(problem.recipe),
        run.policy_lock: userfile.dump(problem.policy),
        run.brought_lock: workspace.encode(problem.brought),
    }
    if "locks" in run.manifest().stages:
        run.require("locks")
        for path, text in texts.items():
            _require_unchanged(path, text)
        return
    for path, text in texts.items():
        workspace.write_text(path, text, mode=workspace.SECRET)
    run.finish("locks", recipe_digest(problem.recipe), tuple(texts))


def require_policy(run: RunFolder, given: Policy) -> None:
    """Raise UsageError unless this is the policy that the run was locked to."""
    _require_unchanged(run.policy_lock, userfile.dump(given))


def recipe_digest(recipe: Recipe) -> str:
    return digest.of_json(recipe.model_dump(mode="json"))


def policy_digest(policy: Policy) -> str:
    return digest.of_json(policy.model_dump(mode="json"))


def training_digest(problem: Problem, roles: Roles) -> str:
    """Digest of all that the compressed model depends on: not of where it will be deployed."""
    settings = problem.recipe.model_dump(mode="json", exclude={"export", "audit", "policy"})
    return digest.of_json(
        {
            "settings": settings,
            "roles": roles.digest,
            "code": problem.brought.code,
            "weights": problem.brought.weights,
            "network": problem.brought.network,
            "tokenizer": problem.brought.tokenizer,
            "declared_members": problem.brought.declared_members,
        }
    )


def require_same_data(roles: Roles, fresh: Roles) -> None:
    """Raise IntegrityError if the data, or its preprocessing, changed since roles were drawn."""
    if roles.digest != fresh.digest:
        raise IntegrityError(
            "the data set or its preprocessing is not what this run's roles were drawn from "
            f"(roles {fresh.digest[:12]}, expected {roles.digest[:12]})",
            remedy="restore the data, or start a new run: old roles do not fit new data",
        )


def _task(recipe: Recipe, trust_code: str | None) -> tuple[Task, str | None]:
    if recipe.task.name != "custom":
        if trust_code is not None:
            raise UsageError(
                f"--trust-code is for task.name `custom`, the recipe says {recipe.task.name!r}",
                remedy="set task.name to custom, or leave --trust-code away",
            )
        return registry.task(recipe.task.name)(recipe.task), None
    if trust_code is None:
        raise UsageError(
            "task.name is `custom`, and a recipe never names code",
            remedy="add --trust-code file.py:function to the command",
        )
    from sc_deploy.tasks import custom

    return custom.load(trust_code)


def _resolved(recipe: Recipe, folder: Path, found: Refusals) -> Recipe:
    """The recipe with its paths made absolute, so that later commands find them from anywhere."""
    network = found.tried(
        partial(hub.resolved, _absolute(recipe.network, "weights", folder), folder),
        about="network.pretrained",
        reads=("network",),
        spoils=("network",),
    )
    task = _absolute(recipe.task, "path", folder)
    if task.tokenizer != WORDS:
        task = _absolute(task, "tokenizer", folder)
    changed = {
        "task": task,
        "roles": _absolute(recipe.roles, "declared_members", folder),
        "network": network or recipe.network,
    }
    return recipe.model_copy(update=changed)


def _absolute(section: SectionT, name: str, folder: Path) -> SectionT:
    path = getattr(section, name)
    if path is None:
        return section
    return section.model_copy(update={name: str((folder / path).resolve())})


def _brought(recipe: Recipe, found: Refusals) -> Brought:
    """The digests of all but the code; None for what is not there, which `found` tells."""
    return Brought(
        weights=found.tried(
            partial(_weights_digest, recipe.network),
            about=WEIGHTS,
            reads=("network",),
            spoils=(WEIGHTS,),
        ),
        network=found.tried(
            partial(hub.configuration_digest, recipe.network),
            about="network.pretrained",
            reads=("network",),
            spoils=("network",),
        ),
        tokenizer=found.tried(
            partial(_tokenizer_digest, recipe),
            about="task.tokenizer",
            reads=("task",),
            spoils=("task",),
        ),
        declared_members=found.tried(
            partial(_declared_digest, recipe),
            about="roles.declared_members",
            reads=("roles",),
            spoils=("roles",),
        ),
    )


def _weights_digest(network: NetworkSection) -> str | None:
    return hub.weights_digest(network) or _digest(network.weights, WEIGHTS)


def _tokenizer_digest(recipe: Recipe) -> str | None:
    tokenizer = recipe.task.tokenizer
    return None if tokenizer == WORDS else _digest(tokenizer, "task.tokenizer")


def _declared_digest(recipe: Recipe) -> str | None:
    return _digest(recipe.roles.declared_members, "roles.declared_members")


DECIDING: Final = {"tokenizer": _tokenizer_digest, "declared_members": _declared_digest}
"""What decides on inputs and roles, and is thus read again by every command."""


def _digest(path: str | None, setting: str) -> str | None:
    if path is None:
        return None
    if not Path(path).is_file():
        raise UsageError(
            f"{setting}: there is no file {path}",
            remedy="give the path of a file, relative to the recipe",
        )
    return digest.of_file(Path(path))


def _require_same_files(recipe: Recipe, locked: Brought) -> None:
    """Raise IntegrityError if what decides on inputs and roles is not what was locked."""
    for setting, digest_of in DECIDING.items():
        was, found = getattr(locked, setting), digest_of(recipe)
        if was != found:
            raise IntegrityError(
                f"{setting} of the recipe has sha256 {found}, the run was made with {was}",
                remedy="restore that file, or start a new run",
            )


def _require_unchanged(path: Path, text: str) -> None:
    was = path.read_text(encoding="utf-8")
    if was != text:
        raise UsageError(
            f"{path.name} was fixed for this run, and what is given now differs from it",
            remedy="start a new run with -o, or --overwrite this one; "
            "limits and data are chosen before results are known",
            problems=tuple(userfile.differences(was, text)),
        )
