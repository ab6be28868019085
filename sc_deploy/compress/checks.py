"""Can this job be trained at all? Everything that speaks against it, before the first step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from sc_deploy.compress import channels
from sc_deploy.compress.candidates import rounds, topology
from sc_deploy.compress.defences import conflicts, guarantee
from sc_deploy.compress.processes import sharing
from sc_deploy.compress.safety import refusal
from sc_deploy.compress.training import augmentation
from sc_deploy.contracts import Role
from sc_deploy.errors import Problem, ScDeployError, UsageError
from sc_deploy.networks import fitting
from sc_deploy.sparse import governed
from sc_deploy.sparse.allocation import allocate
from sc_deploy.sparse.grows import NONE
from sc_deploy.sparse.signals import Need
from sc_deploy.tasks import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from torch import nn

    from sc_deploy.compress.job import Job


def require_trainable(job: Job, *, spoiled: Collection[str] = ()) -> None:
    """Raise UsageError with every problem of the job at once.

    What reads a `spoiled` section of the recipe, one that was refused already, is not asked.
    """
    problems = tuple(
        problem
        for check, reads in CHECKS
        if not reads.intersection(spoiled)
        for problem in check(job)
    )
    if problems:
        raise UsageError(
            "this recipe cannot be compressed",
            remedy="correct all of these, then run it again",
            problems=problems,
        )


def _roles(job: Job) -> Iterator[Problem]:
    for role in job.exam_roles:
        if (count := len(job.roles.rows(role))) < 2:
            found = f"has {count} samples, and tests need two at the very least"
            yield Problem(f"role {role}", found, "raise its share in the recipe's roles")
    label, classes = job.roles.label, len(job.task.classes)
    if len(label) and not (label.min() >= 0 and label.max() < classes):
        yield Problem(
            "labels",
            f"lie in [{label.min()}, {label.max()}], expected [0, {classes - 1}]",
            "let the task number its classes from 0, without gaps",
        )
    if len(job.roles.index) and job.roles.index.max() >= len(job.task.x):
        yield Problem(
            "roles",
            f"name sample {job.roles.index.max()} of a task with {len(job.task.x)}",
            "draw the roles from this very data set",
        )


def _steps(job: Job) -> Iterator[Problem]:
    members, batch = len(job.members), job.recipe.train.batch_size
    if members < batch:
        yield Problem(
            "train.batch_size",
            f"is {batch}, and there are {members} members",
            f"set it to {max(2, members // 4)} or less, or raise roles.members",
        )
    elif _stands_still(job):
        settled = int(job.recipe.sparse.stop_at * job.steps)
        yield Problem(
            "compress.update_every",
            f"is {job.recipe.compress.update_every}: no candidates would ever compete in "
            f"{job.steps} steps of which the topology moves in the first {settled}",
            f"set it to {max(2, settled // 5)} or so, or raise train.epochs",
        )


def _stands_still(job: Job) -> bool:
    """Whether a sparse network is asked for whose topology no round ever moves."""
    moves = any(this.fraction or this.thins for this in rounds.plan(job))
    return job.recipe.sparse.density < 1.0 and not moves


def _moves(job: Job) -> Iterator[Problem]:
    pool, schedule = job.recipe.compress.pool, job.recipe.sparse.schedule
    if pool.grow == (NONE,) and schedule.shape == "constant":
        yield Problem(
            "compress.pool.grow",
            "is none alone, and density does not fall: no candidate would differ",
            "name another way to grow, or set sparse.schedule.shape to cubic or one-shot",
        )
    settles = any(this.settled and this.fork < job.steps for this in rounds.plan(job))
    if schedule.shape != "constant" and not settles:
        yield Problem(
            "sparse.schedule.end",
            f"is {schedule.end:g}: training of {job.steps} steps ends before a round with the "
            "final density has trained",
            "lower it, lower compress.update_every, or raise train.epochs",
        )
    if Need.GAP in topology.signals_kept(job):
        for role in (Role.MEMBER_SEARCH, Role.NON_MEMBER_SEARCH):
            if not len(job.roles.rows(role)):
                yield Problem(
                    f"role {role}",
                    "has no samples, and loss-gap and gap-averse are computed from them",
                    "raise its share in the recipe's roles",
                )


def _guarantees(job: Job) -> Iterator[Problem]:
    module = job.factory(job.recipe.seed).train()
    yield from guarantee.problems(job, module)
    yield from sharing.problems(job, module)


def _network(job: Job) -> Iterator[Problem]:
    module = job.factory(job.recipe.seed)
    yield from _answer(job, module)
    shapes = governed.shapes(module)
    if not shapes:
        yield Problem(
            "network", "has no weight of two or more dimensions", "there is nothing to make sparse"
        )
        return
    if channels.asked(job):
        yield from channels.problems(job)
        return
    try:
        allocate(shapes, topology.layout(job.recipe.sparse))
    except UsageError as error:
        yield Problem("sparse", error.what, error.remedy)
        yield from error.problems


def _answer(job: Job, module: nn.Module) -> Iterator[Problem]:
    shape = job.network.input_shape
    try:
        found = batches.sample_shape(job.task)
        with torch.no_grad():
            answer = tuple(module.eval()(fitting.zeros(job.network)).shape)
    except ScDeployError as error:
        yield Problem("task", error.what, error.remedy)
    except Exception as error:  # noqa: BLE001 (whatever a user's network raises is the finding)
        yield Problem(
            "network",
            f"does not take an input of shape {list(shape)}: {type(error).__name__}: {error}",
            "choose a network that fits the samples",
        )
    else:
        if found != shape:
            yield Problem(
                "network",
                f"takes samples of shape {list(shape)}, the task gives {list(found)}",
                "build the network for the shape that the task's preprocessing gives",
            )
        yield from refusal.network_problems(job, module)
        if answer != (2, job.network.classes):
            yield Problem(
                "network",
                f"answers two samples with {list(answer)}, expected [2, {job.network.classes}]",
                "give the network one output a class",
            )


SEARCH: Final = frozenset({"roles", "train", "sparse", "compress"})
CHECKS: Final[tuple[tuple[Callable[[Job], Iterator[Problem]], frozenset[str]], ...]] = (
    (_roles, frozenset({"roles", "compress"})),
    (_steps, SEARCH),
    (_moves, SEARCH),
    (refusal.problems, frozenset({"roles", "train", "network", "compress"})),
    (augmentation.problems, frozenset({"train"})),
    (conflicts.problems, frozenset({"defence", "network", "compress"})),
    (conflicts.role_problems, frozenset({"defence", "roles"})),
    (_guarantees, SEARCH | {"defence", "network"}),
    (_network, frozenset({"network", "sparse", "compress"})),
)
"""Each check with the sections of the recipe that it reads, beside the task."""
