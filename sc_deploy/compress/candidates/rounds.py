"""At which training steps do candidates compete?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.sparse.schedule import DensitySchedule, drop_fraction

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job


@dataclass(frozen=True, slots=True)
class Round:
    """One round: training from step `start`, a fork at `fork`, the examination at `end`.

    The pool is halved at `half`, where that lies before the end. `fraction` is the share of
    living weights that a strategy moves; where it is zero the topology has settled, or all weights
    are alive. From the fork on the network has `density`; `thins` says that this is less than
    before, and `settled` that it is the recipe's own: the state of an earlier round may not be
    returned. Where nothing moves and density does not fall, only the incumbent is examined.
    """

    number: int
    start: int
    fork: int
    half: int
    end: int
    fraction: float
    density: float
    thins: bool
    settled: bool


def plan(job: Job) -> tuple[Round, ...]:
    """All rounds of a job, the last at the very end of training.

    How steps are counted: a state's step is the number of optimizer steps on its own path,
    probation included. Round r forks at r * update_every; each candidate then trains `probation`
    steps on the same batches, and the chosen one goes on from there, so probation is training
    and not an extra. The path from the first weights to the last has exactly
    epochs * steps_per_epoch steps; only the losers' probation steps come on top.

    The topology settles at `stop_at` of training. Rounds go on after it, with the incumbent
    alone, because *when to stop* is part of the trade: a state of a round may be kept.
    """
    compress, total = job.recipe.compress, job.steps
    falling = schedule(job)
    rounds: list[Round] = []
    start, density = 0, falling.density(0)
    forks = range(compress.update_every, total - compress.probation + 1, compress.update_every)
    for fork in [*forks, total]:
        if start == total:
            break
        end = min(fork + compress.probation, total)
        half = fork + compress.probation // 2 if compress.halving else end
        now = falling.density(fork)
        this = Round(
            number=len(rounds) + 1,
            start=start,
            fork=fork,
            half=min(half, end),
            end=end,
            fraction=_fraction(job, fork) if fork < total and now < 1.0 else 0.0,
            density=now,
            thins=now < density,
            settled=falling.settled(fork),
        )
        rounds.append(this)
        start, density = end, now
    return tuple(rounds)


def schedule(job: Job) -> DensitySchedule:
    """How density falls over the steps of this job."""
    sparse, steps = job.recipe.sparse, job.steps
    return DensitySchedule(
        shape=sparse.schedule.shape,
        initial=sparse.schedule.initial,
        final=sparse.density,
        start=sparse.schedule.start * steps,
        end=sparse.schedule.end * steps,
    )


def _fraction(job: Job, step: int) -> float:
    sparse = job.recipe.sparse
    end = sparse.stop_at * job.steps
    return drop_fraction(step, initial=sparse.drop_fraction, end=end, shape=sparse.drop_schedule)
