"""Which masks does a network get, at first and at each fork?"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from sc_deploy.compress import channels
from sc_deploy.compress.candidates import rounds
from sc_deploy.compress.processes.sharded import whole
from sc_deploy.compress.randomness import generator
from sc_deploy.contracts import Strategy
from sc_deploy.sparse import governed
from sc_deploy.sparse import masks as masking
from sc_deploy.sparse.grows import NONE
from sc_deploy.sparse.layout import Layout
from sc_deploy.sparse.patterns import parse
from sc_deploy.sparse.signals import Need
from sc_deploy.sparse.thinning import thinned
from sc_deploy.sparse.update import Move, needs, update

if TYPE_CHECKING:
    import torch

    from sc_deploy.compress.candidates.rounds import Round
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.training.trainer import Trainer
    from sc_deploy.recipe import SparseSection
    from sc_deploy.sparse.masks import Masks
    from sc_deploy.sparse.signals import Signals

THINNED: Final = Strategy("magnitude", NONE)
"""How the incumbent follows a falling density: the smallest weights go, nothing comes."""


def layout(sparse: SparseSection) -> Layout:
    """What the recipe asks the layers to be in the end."""
    return Layout(sparse.density, sparse.distribution, sparse.overrides, parse(sparse.pattern))


def first_masks(job: Job) -> Masks:
    """The masks that training begins with: a random topology at the density of step 0."""
    if channels.asked(job):
        return channels.first_masks(job)
    shapes = governed.shapes(job.factory(job.recipe.seed))
    asked = layout(job.recipe.sparse)
    (counts,) = thinned(shapes, asked, [rounds.schedule(job).density(0)])
    return masking.draw(shapes, counts, generator(job.recipe.seed, "masks"), asked.pattern)


def strategies(job: Job, this: Round) -> tuple[Strategy, ...]:
    """Every drop with every grow while the topology moves; while density alone falls, every drop.

    Each once: where nothing is exchanged a threshold drops what magnitude does, and so does the
    incumbent.
    """
    compress = job.recipe.compress
    pool = compress.pool
    grows: list[str] = [grow for grow in pool.grow if grow != NONE] if this.fraction else []
    if this.thins and (NONE in pool.grow or not grows):
        grows.append(NONE)
    pairs = (Strategy(drop, grow) for drop, grow in product(pool.drop, grows))
    twins = [drop for drop in pool.drop if drop in ("magnitude", "threshold")]
    again = twins if compress.incumbent else twins[1:]
    return tuple(s for s in pairs if not (s.grow == NONE and s.drop in again))


def signals_kept(job: Job) -> frozenset[Need]:
    """The signals that any strategy of the pool looks at."""
    pool = job.recipe.compress.pool
    pairs = (Strategy(*pair) for pair in product(pool.drop, pool.grow))
    return frozenset[Need]().union(*map(needs, pairs))


def moved(
    trainer: Trainer, signals: Signals, strategy: Strategy | None, this: Round
) -> dict[str, torch.Tensor]:
    """The masks of one candidate at the fork of a round, at exactly the round's density.

    None is the incumbent: it keeps its masks, but for what a falling density takes.
    """
    job = trainer.job
    strategy = strategy or THINNED
    if channels.asked(job):
        return channels.moved(trainer, signals, strategy, this)
    asked = layout(job.recipe.sparse)
    weights = {name: whole(weight.detach()) for name, weight in trainer.governed.items()}
    masks = {name: whole(mask) for name, mask in trainer.masks.items()}
    move = Move(strategy, this.fraction, asked.pattern, _counts(trainer, asked, this))
    # One stream a round: all random growth of a round draws the same numbers.
    stream = generator(job.recipe.seed, "grow", this.number)
    return update(weights, signals, masks, move, stream)


def _counts(trainer: Trainer, asked: Layout, this: Round) -> dict[str, int]:
    """Weights of each layer from this round on; of the layers that masks govern."""
    shapes = {name: tuple(mask.shape) for name, mask in trainer.masks.items()}
    job = trainer.job
    path = [rounds.schedule(job).density(0), *(r.density for r in rounds.plan(job)[: this.number])]
    return thinned(shapes, asked, path)[-1]
