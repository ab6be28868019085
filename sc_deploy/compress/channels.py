"""What do whole channels ask of training that single weights do not?"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import torch

from sc_deploy.compress.candidates import rounds
from sc_deploy.compress.randomness import derive, generator
from sc_deploy.errors import Problem, UsageError
from sc_deploy.sparse import governed, overrides
from sc_deploy.sparse import masks as masking
from sc_deploy.sparse.channels import groups as channel_groups
from sc_deploy.sparse.channels import regrow, trial, widths
from sc_deploy.sparse.channels.move import Before, move_channels
from sc_deploy.sparse.distribution import DISTRIBUTIONS
from sc_deploy.sparse.update import Move

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sc_deploy.compress.candidates.rounds import Round
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.training.trainer import Trainer
    from sc_deploy.contracts import Strategy
    from sc_deploy.sparse.channels.groups import Group
    from sc_deploy.sparse.masks import Masks, Tensors
    from sc_deploy.sparse.signals import Signals

PATTERN: Final = "channel"


@dataclass(frozen=True, slots=True, eq=False)
class Coupled:
    """The channels of a job's network that can be cut, and its tensors before training."""

    groups: tuple[Group, ...]
    first: Tensors
    shapes: Mapping[str, tuple[int, ...]]


def asked(job: Job) -> bool:
    """Whether the recipe asks for whole channels."""
    return job.recipe.sparse.pattern == PATTERN


# A trace takes seconds, and is asked for before training, in it and after it; a reference model
# has a job of its own.
@lru_cache(maxsize=2)
def coupled(job: Job) -> Coupled:
    """The channels of the job's network; layers that an override leaves dense keep all theirs.

    Raises UsageError where no channel can be cut.
    """
    module = job.factory(job.recipe.seed).cpu()
    first = {name: value.detach().clone() for name, value in module.state_dict().items()}
    whole = overrides.match(job.recipe.sparse.overrides, first)
    found = trial.cuttable(module, example(job))
    groups = tuple(
        group
        for group in found
        if not any(name in whole for slot in group.slots for name, _ in slot.tensors)
    )
    return Coupled(groups, first, governed.shapes(module))


def example(job: Job) -> torch.Tensor:
    """Four samples that the network takes: noise, or texts of the first two tokens."""
    stream = torch.Generator().manual_seed(derive(job.recipe.seed, "example"))
    shape = (4, *job.network.input_shape)
    if job.network.input_dtype == "float32":
        return torch.randn(shape, generator=stream)
    tokens = torch.randint(0, 2, shape, generator=stream)
    # A text of nothing but padding, the token 0, has no answer.
    tokens[:, 0] = 1
    return tokens


def first_masks(job: Job) -> Masks:
    """The masks that training begins with: random channels at the density of step 0."""
    found, stream = coupled(job), generator(job.recipe.seed, "masks")
    counts = allocate(job, rounds.schedule(job).density(0))
    alive = {}
    for group in found.groups:
        alive[group.name] = torch.zeros(group.size, dtype=torch.bool)
        chosen = torch.randperm(group.size, generator=stream)[: counts[group.name]]
        alive[group.name][chosen] = True
    touched = {name for group in found.groups for slot in group.slots for name, _ in slot.tensors}
    named = dict(job.factory(job.recipe.seed).named_parameters())
    like = {n: weight for n, weight in named.items() if n in found.shapes or n in touched}
    return channel_groups.masks(found.groups, alive, like)


def allocate(job: Job, density: float) -> dict[str, int]:
    """Channels that each group keeps at this density. Raises UsageError where that cannot be."""
    found, sparse = coupled(job), job.recipe.sparse
    sizes = {name: torch.Size(shape).numel() for name, shape in found.shapes.items()}
    # Of the final density always: groups must not trade channels while density falls.
    shares = DISTRIBUTIONS[sparse.distribution](found.shapes, sparse.density * sum(sizes.values()))
    densities = {name: share / sizes[name] for name, share in shares.items()}
    return widths.allocate(found.groups, found.shapes, density=density, densities=densities)


def moved(
    trainer: Trainer, signals: Signals, strategy: Strategy, this: Round
) -> dict[str, torch.Tensor]:
    """The masks that a strategy makes at the fork of a round."""
    move = Move(strategy, this.fraction, counts=allocate(trainer.job, this.density))
    weights = {name: weight.detach() for name, weight in trainer.governed.items()}
    before = Before(weights, signals, trainer.masks)
    stream = generator(trainer.job.recipe.seed, "grow", this.number)
    masks = move_channels(coupled(trainer.job).groups, before, move, stream)
    return {name: mask.to(trainer.device) for name, mask in masks.items()}


def revive(trainer: Trainer, before: Masks) -> None:
    """Start the channels that have grown since `before`.

    Nothing is done under other patterns, nor in dense training, which has no masks.
    """
    if not asked(trainer.job) or not trainer.masks:
        return
    groups = coupled(trainer.job).groups
    now, then = (channel_groups.alive(groups, masks) for masks in (trainer.masks, before))
    _regrow(trainer, {name: now[name] & ~then[name] for name in now})
    masking.impose(trainer.weights, trainer.masks)


@contextmanager
def exposed(trainer: Trainer) -> Iterator[None]:
    """Every dead channel as it would begin if it were grown, so that its readers get gradients.

    The network answers as before, and afterwards the trainer stands as before. Under other
    patterns nothing is done: a single dead weight gets its gradient as it is.
    """
    if not asked(trainer.job):
        yield
        return
    standing = trainer.capture()
    groups = coupled(trainer.job).groups
    alive = channel_groups.alive(groups, trainer.masks)
    _regrow(trainer, {name: ~lives for name, lives in alive.items()})
    try:
        yield
    finally:
        trainer.restore(standing)


def problems(job: Job) -> Iterator[Problem]:
    """What stands against whole channels of this job's network."""
    sparse, shapes = job.recipe.sparse, governed.shapes(job.factory(job.recipe.seed))
    yield from overrides.problems(sparse.overrides, shapes)
    for glob, density in sparse.overrides.items():
        if density != 1.0:
            yield Problem(
                f"sparse.overrides: {glob}",
                f"is {density:g}, and pattern channel allows 1.0 alone: layers share channels",
                "write 1.0, or remove it",
            )
    if "momentum" in job.recipe.compress.pool.grow:
        yield Problem(
            "compress.pool.grow",
            "names momentum, and a silent channel gets no gradient while others train",
            "name gradient instead: channels are revived where it is taken",
        )
    try:
        allocate(job, sparse.density)
    except UsageError as error:
        yield Problem("sparse.pattern", error.what, error.remedy)
        yield from error.problems


def _regrow(trainer: Trainer, grown: Mapping[str, torch.Tensor]) -> None:
    found = coupled(trainer.job)
    tensors = {**trainer.weights, **dict(trainer.module.named_buffers())}
    regrow.regrow(found.groups, tensors, found.first, grown)
