"""Which candidates does a round put up, and which of them come through?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.compress.candidates import selection, topology
from sc_deploy.compress.candidates.probation import Probation
from sc_deploy.compress.processes.spread import spread
from sc_deploy.compress.randomness import derive
from sc_deploy.contracts import Diverged
from sc_deploy.errors import CompressionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.compress.candidates.probation import Contender
    from sc_deploy.compress.candidates.rounds import Round
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.processes.spread import Trial
    from sc_deploy.compress.state import TrainingState
    from sc_deploy.compress.training.trainer import Trainer
    from sc_deploy.contracts import Strategy
    from sc_deploy.progress import Progress
    from sc_deploy.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A round's candidates: who was examined at its end, who was left out at half, and who
    diverged."""

    through: tuple[Contender, ...]
    out: tuple[Contender, ...] = ()
    diverged: tuple[Diverged, ...] = ()


def strategies(job: Job, this: Round) -> tuple[Strategy | None, ...]:
    """The unchanged incumbent, and every way to move while the topology moves.

    Selection by lot draws one of them, and only that one trains.
    """
    pairs = topology.strategies(job, this)
    if not pairs:
        return (None,)
    compress = job.recipe.compress
    pool = (None, *pairs) if compress.incumbent else pairs
    if compress.selection == "random":
        return (pool[derive(job.recipe.seed, "lot", this.number) % len(pool)],)
    return pool


def steps(job: Job, this: Round) -> int:
    """Training steps of a round, those of losers included."""
    pool = strategies(job, this)
    challengers = sum(strategy is not None for strategy in pool)
    survivors = (challengers + 1) // 2 if _halved(pool, this) else challengers
    through = survivors + (None in pool)
    lost = (challengers - survivors) * (this.half - this.fork)
    return this.fork - this.start + through * (this.end - this.fork) + lost


def contend(trainer: Trainer, incumbent: TrainingState, this: Round, progress: Progress) -> Field:
    """Every candidate of a round, examined; `incumbent` stands at the fork.

    Probation is ours: grown weights are zero, so that candidates which differ in growth alone
    give equal answers until they have trained. The incumbent trains as long as the others. With
    halving, all but the incumbent are examined at half of it, and the better half goes on.
    Processes that share candidates come to the same field.

    A candidate that diverges is left out. CompressionError if the incumbent does, or all do.
    """
    probation = Probation.at(trainer, incumbent, this, progress)
    pool = strategies(trainer.job, this)
    recipe = trainer.job.recipe
    if not _halved(pool, this):
        tried = spread(probation, [_first(s, this.end) for s in pool])
        return Field(_valued(recipe, tried), diverged=_diverged(tried))
    moved = [_first(strategy, this.half) for strategy in pool if strategy is not None]
    unchanged = [_first(None, this.end)] if None in pool else []
    tried = spread(probation, moved)
    if unchanged and len(_diverged(tried)) == len(tried):
        alone = _valued(recipe, spread(probation, unchanged))
        return Field(alone, diverged=_diverged(tried))
    first = _valued(recipe, tried)
    ahead = selection.better_half(recipe, [one.examined for one in first])
    rest = [*unchanged, *(_second(first[at]) for at in ahead)]
    ended = spread(probation, rest)
    return Field(
        _valued(recipe, ended),
        tuple(one for at, one in enumerate(first) if at not in ahead),
        _diverged([*tried, *ended]),
    )


def _first(strategy: Strategy | None, until: int) -> Trial:
    return lambda probation: probation.first(strategy, until=until)


def _second(contender: Contender) -> Trial:
    return lambda probation: probation.second(contender)


def _halved(pool: Sequence[Strategy | None], this: Round) -> bool:
    return this.half < this.end and sum(strategy is not None for strategy in pool) > 1


def _diverged(tried: Sequence[Contender | Diverged]) -> tuple[Diverged, ...]:
    return tuple(one for one in tried if isinstance(one, Diverged))


def _valued(recipe: Recipe, tried: Sequence[Contender | Diverged]) -> tuple[Contender, ...]:
    """Those that did not diverge, each with what the objective makes of it among them."""
    left = [one for one in tried if not isinstance(one, Diverged)]
    if not left:
        raise CompressionError(
            "training diverged in every candidate of a round",
            remedy="lower train.learning_rate or sparse.drop_fraction, then begin anew with "
            "--overwrite",
        )
    worth = selection.values(recipe, [contender.examined for contender in left])
    return tuple(one.valued(float(value)) for one, value in zip(left, worth, strict=True))
