"""Trains the reference models of a finished run, each in a run folder of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sc_deploy.errors import Problem, UsageError
from sc_deploy.pipeline import locate
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline.references import export, spread, trained
from sc_deploy.pipeline.references.plan import planned, require_possible
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.pipeline.export import Exported
    from sc_deploy.pipeline.problem import Problem as Asked
    from sc_deploy.pipeline.references.plan import Reference
    from sc_deploy.progress import Progress
    from sc_deploy.workspace import RunFolder


@dataclass(frozen=True, slots=True)
class Order:
    """How many reference models in all, on how many processes, by which trusted code."""

    count: int
    processes: int = 1
    trust_code: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The reference models of a run, and what their export for its artifacts came to."""

    references: tuple[Reference, ...]
    exported: tuple[Exported, ...]


def train(run: RunFolder, problem: Asked, order: Order, progress: Progress) -> Trained:
    """Train what is missing of the ordered models and export all for the run's artifacts.

    A finished one is taken as it is, an interrupted one goes on. Nothing of them reaches the
    run's own model, which is finished before the first begins. Raises UsageError, DataError,
    UnavailableError, CompressionError, and IntegrityError if a finished one was changed.
    """
    locate.require_training()
    _require_sensible(order)
    with run.lock():
        run.require("compress")
        roles = role_files.load(run.roles)
        problems.require_same_data(roles, role_files.draw(problem.task, problem.recipe))
        wanted = planned(run, problem, roles, max(order.count, trained.count(run)))
        require_possible(problem, wanted)
        missing = [one for one in wanted if not _is_trained(run, one)]
        _require_same_deal(run, missing)
        _train_missing(run, missing, replace(order, count=len(wanted)), progress)
        run.finish(trained.STAGE, str(len(wanted)), ())
        builds = [export.build_of(folder) for folder in run.artifacts()]
        return Trained(wanted, export.export(run, problem, builds, progress))


def train_one(reference: Reference, progress: Progress) -> None:
    """Train one reference model, or go on with it; a finished one is taken as it is."""
    from sc_deploy.compress import stage
    from sc_deploy.pipeline.jobs import job_of

    run = reference.run
    with run.lock():
        if run.is_done(trained.COMPRESS, reference.key):
            return
        _require_unfinished(run)
        # Nobody asks them about altered samples.
        job = replace(job_of(reference.problem, reference.roles), probed=frozenset())
        role_files.save(reference.roles, run.roles)
        stage.compress(job, run, resume=True, progress=progress)
        run.finish(trained.COMPRESS, reference.key, (*stage.outputs(job, run), run.roles))


def _train_missing(
    run: RunFolder, missing: list[Reference], order: Order, progress: Progress
) -> None:
    if order.processes > 1 and len(missing) > 1:
        for reference in spread.trained(run, missing, order, progress):
            trained.enter(run, reference)
        return
    for reference in missing:
        progress.say(f"reference model {reference.number}")
        train_one(reference, progress)
        trained.enter(run, reference)


def _require_unfinished(run: RunFolder) -> None:
    if trained.COMPRESS in run.manifest().stages:
        raise UsageError(
            f"{run.root} holds a reference model that was made from another recipe, data or code",
            remedy="it is left as it is; remove that folder to train it anew",
        )


def _require_same_deal(run: RunFolder, missing: Sequence[Reference]) -> None:
    """Raise UsageError where one was dealt its samples as one of another number of models.

    Where members and non-members are not as many, the blocks of n models begin where those of
    2 n do, and nowhere else (`tasks.rotation`).
    """
    begun = [one for one in missing if one.run.roles.is_file()]
    others = [one for one in begun if role_files.load(one.run.roles).digest != one.roles.digest]
    if others:
        count = trained.count(run)
        told = f"-n {2 * count}, which keeps what is there" if count else "-n as it was then"
        raise UsageError(
            f"{run.references} holds reference models that were begun with another -n, for which "
            "the samples are dealt otherwise",
            remedy=f"give {told}, or remove that folder to train all of them anew",
            problems=[
                Problem(f"reference {one.number}", "has other samples", "keep it or remove it")
                for one in others
            ],
        )


def _is_trained(run: RunFolder, reference: Reference) -> bool:
    """Whether it is there as it was trained; only whoever removes its folder has it trained anew.

    Raises IntegrityError if a file of it was changed.
    """
    return reference.run.root.is_dir() and run.is_done(reference.stage, reference.key)


def _require_sensible(order: Order) -> None:
    if order.count < 2 or order.count % 2:
        raise UsageError(
            f"reference models come in pairs, whose blocks of samples begin half a ring apart; "
            f"{order.count} do not",
            remedy="give an even number with -n, 4 or more for evidence of tier T2",
        )
    if order.processes < 1:
        raise UsageError(
            f"{order.processes} processes train nothing", remedy="give --processes 1 or more"
        )
