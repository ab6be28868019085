"""The compress stage: from a recipe to a sparse checkpoint and its answers on every role."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

from sc_deploy import workspace
from sc_deploy.errors import DataError, UsageError
from sc_deploy.pipeline import admission, features, jobs, locate, models
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline.export import Source
from sc_deploy.refusals import Refusals
from sc_deploy.tasks import canaries
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts import Checkpoint, Roles
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.progress import Progress
    from sc_deploy.recipe import Recipe
    from sc_deploy.workspace import RunFolder

# What --overwrite removes. The ledger stays: a fresh start does not make samples unseen.
# The manifest goes first: a kill in between must not leave one that speaks of missing files.
MADE = (
    "manifest.json",
    "artifacts",
    "brought.lock.json",
    "cache",
    "compressed",
    "predictions",
    "references",
    "reports",
    "state",
    "policy.lock.yaml",
    "recipe.lock.yaml",
)


def compress(
    run: RunFolder, problem: Problem, progress: Progress, *, resume: bool, overwrite: bool
) -> Checkpoint:
    """Train under SafeCompress, or return at once what was trained from these very inputs.

    Of several processes this is the first one's part. Raises UsageError, DataError,
    UnavailableError, CompressionError, ProcessError, or IntegrityError for files that changed.
    """
    locate.require_training()
    from sc_deploy.compress import checkpoint, stage
    from sc_deploy.compress.processes.ranks import PLAIN, current

    with run.lock():
        found = Refusals()
        drawn = admission.roles(problem, found)
        key = "" if drawn is None else problems.training_digest(problem, drawn)
        if drawn is not None and not overwrite and "locks" in run.manifest().stages:
            problems.lock(run, problem)
            if run.is_done("compress", key):
                current().shared(0, bytes, PLAIN)
                return checkpoint.load(run.compressed)
            _require_unfinished(run)
        # A recipe that cannot be trained neither fixes a run nor removes one.
        job = admission.job(problem, drawn, found)
        roles = job.roles
        if overwrite:
            _clear(run)
        problems.lock(run, problem)
        role_files.save(roles, run.roles)
        _save_canaries(roles, run, problem.recipe)
        current().shared(0, key.encode, PLAIN)
        made = stage.compress(job, run, resume=resume, progress=progress)
        models.write(run, made)
        ours = (*_role_files(run), run.compressed / "models.json", *_save_back(run, problem, made))
        seen = _features(run, problem, roles, made)
        run.finish("compress", key, (*stage.outputs(job, run), *ours, *seen))
    return made


def assist(problem: Problem, progress: Progress) -> None:
    """What each process but the first does of `compress`: it trains along, and leaves no file.

    Raises what `compress` raises, and DataError if its recipe, data or code are not the first's.
    """
    locate.require_training()
    from sc_deploy.compress import stage
    from sc_deploy.compress.processes.ranks import PLAIN, current

    roles = role_files.draw(problem.task, problem.recipe)
    key = problems.training_digest(problem, roles)
    ranks = current()
    wanted = ranks.shared(0, bytes, PLAIN).decode()
    if wanted and wanted != key:
        raise DataError(
            f"process {ranks.index + 1} of {ranks.count} has another recipe, data or code than "
            "the first",
            remedy="give all processes the same command, and all machines the same files",
        )
    if wanted:
        stage.assist(jobs.job_of(problem, roles), progress)


def plan(problem: Problem) -> dict[str, str]:
    """What `compress` would do, after all of its checks that need no training.

    Raises UsageError, DataError or UnavailableError.
    """
    locate.require_training()
    from sc_deploy.compress.training.surroundings import require_device

    recipe, found = problem.recipe, Refusals()
    drawn = admission.roles(problem, found)
    found.tried(partial(require_device, recipe.compress.device))
    job = admission.job(problem, drawn, found)
    spec = job.network
    counts = {role.value: len(job.roles.rows(role)) for role in job.inhabited}
    return {
        "network": f"{spec.name} on {spec.input_shape}, {spec.classes} classes",
        "roles": ", ".join(f"{count:,} {name}" for name, count in counts.items()),
        "density": f"{recipe.sparse.density:g} ({recipe.sparse.distribution})",
        "training": f"{recipe.train.epochs} epochs of {recipe.train.batch_size} samples a step",
        "pool": f"{len(recipe.compress.pool.drop) * len(recipe.compress.pool.grow)} candidates "
        f"and the incumbent every {recipe.compress.update_every} steps",
    }


def load_source(run: RunFolder, problem: Problem) -> Source:
    """The compressed model of a finished run. Raises IntegrityError if its data changed."""
    roles = role_files.load(run.roles)
    problems.require_same_data(roles, role_files.draw(problem.task, problem.recipe))
    return source_of(run, problem, roles)


def source_of(run: RunFolder, problem: Problem, roles: Roles) -> Source:
    """The compressed model in a run folder, with these roles. Raises IntegrityError."""
    locate.require_training()
    from sc_deploy.compress import checkpoint

    spec = checkpoint.load(run.compressed).network
    model = checkpoint.load_model(run.compressed, partial(jobs.fresh, spec, problem))
    return Source(model, problem, roles)


def _save_back(run: RunFolder, problem: Problem, made: Checkpoint) -> tuple[Path, ...]:
    """A `transformers` network as that library saves it, beside the checkpoint; the files."""
    from sc_deploy.compress import checkpoint
    from sc_deploy.networks import transformers_model

    if made.network.name != transformers_model.NAME:
        return ()
    model = checkpoint.load_model(run.compressed, partial(jobs.fresh, made.network, problem))
    folder = run.compressed / transformers_model.NAME
    staged = folder.with_name(f".{folder.name}.staged")
    shutil.rmtree(staged, ignore_errors=True)
    transformers_model.save(model.module, staged, problem.task.classes)
    workspace.publish_folder(staged, folder)
    return tuple(path for path in sorted(folder.iterdir()))


def _features(run: RunFolder, problem: Problem, roles: Roles, made: Checkpoint) -> tuple[Path, ...]:
    """What the last layer of the source reads, where the policy has an attack that looks there."""
    from sc_deploy.compress import checkpoint

    if not features.asked(problem.policy):
        return ()
    model = checkpoint.load_model(run.compressed, partial(jobs.fresh, made.network, problem))
    return features.write(run, model, problem.task, roles)


def _save_canaries(roles: Roles, run: RunFolder, recipe: Recipe) -> None:
    if recipe.canaries is not None:
        canaries.save(roles, run.canaries)


def _role_files(run: RunFolder) -> tuple[Path, ...]:
    return tuple(path for path in (run.roles, run.canaries) if path.is_file())


def _require_unfinished(run: RunFolder) -> None:
    if "compress" in run.manifest().stages:
        raise UsageError(
            f"{run.root} holds a model made from another recipe, data or code",
            remedy="choose another -o folder, or --overwrite this one",
        )


def _clear(run: RunFolder) -> None:
    for name in MADE:
        path = run.root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
