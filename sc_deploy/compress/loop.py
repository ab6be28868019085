"""The SafeCompress loop: train, fork the pool, test, select, go on (MIA-SafeCompress, ASE'22).

The paper draws this loop; its public code applies one fixed strategy and never selects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sc_deploy.compress import state
from sc_deploy.compress.candidates import pool, rounds, selection, timing
from sc_deploy.compress.candidates.limit import within
from sc_deploy.compress.processes.ranks import Codec
from sc_deploy.compress.processes.sharing import sharing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sc_deploy.compress.candidates.rounds import Round
    from sc_deploy.compress.candidates.selection import Examined
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import TrainingState
    from sc_deploy.compress.training.trainer import Trainer
    from sc_deploy.contracts import Candidate, Diverged
    from sc_deploy.progress import Progress
    from sc_deploy.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Finalist:
    """What a round chose, and the state of it that was examined and may be returned."""

    examined: Examined
    state: TrainingState


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where the loop stands between two rounds; all that resuming needs.

    `current` is what training goes on from. `finalists` are the rounds that may still be
    returned, and `kept_at` the position of the one that would be now; since then, `stale` rounds
    gave nothing but leakage. `history` is every candidate of every finished round that was
    examined, `diverged` every other.
    """

    finished: int
    current: TrainingState
    finalists: tuple[Finalist, ...]
    kept_at: int
    stale: int
    history: tuple[Candidate, ...]
    diverged: tuple[Diverged, ...] = ()

    @property
    def kept(self) -> Finalist:
        """What is returned if training ends here, after one round at least."""
        return self.finalists[self.kept_at]


def begin(state: TrainingState) -> Standing:
    return Standing(0, current=state, finalists=(), kept_at=0, stale=0, history=())


def run(
    trainer: Trainer, standing: Standing, save: Callable[[Standing], None], progress: Progress
) -> Standing:
    """Play the rounds that are left, saving after each; the standing after the last.

    It ends sooner where `timing.stop` says so.
    """
    left = rounds.plan(trainer.job)[standing.finished :]
    progress.start("compress", sum(pool.steps(trainer.job, this) for this in left))
    for this in left:
        if timing.stop(trainer.job.recipe, standing.stale):
            progress.advance(0, note=f"stopped after round {standing.finished}: only leakage grows")
            break
        standing = _play(trainer, standing, this, progress)
        save(standing)
    _tell_of_limit(trainer.job.recipe, standing, progress)
    return standing


def work(job: Job) -> int:
    """Training steps of all rounds, those of candidates that lose included."""
    return sum(pool.steps(job, this) for this in rounds.plan(job))


def _play(trainer: Trainer, standing: Standing, this: Round, progress: Progress) -> Standing:
    incumbent = _incumbent(trainer, standing.current, this, progress)
    field = pool.contend(trainer, incumbent, this, progress)
    at = selection.choose(trainer.job.recipe, [one.examined for one in field.through])
    chosen = field.through[at]
    entries = [replace(one.candidate, chosen=one is chosen) for one in (*field.through, *field.out)]
    for entry in entries:
        progress.advance(0, note=_news(entry))
    examined = replace(chosen.examined, candidate=entries[at])
    judged = _judged(trainer.job.recipe, standing, Finalist(examined, chosen.presented))
    return replace(
        judged,
        finished=this.number,
        current=chosen.state,
        # Before density has come down there is nothing yet that could be returned instead.
        stale=judged.stale if this.settled else 0,
        diverged=(*standing.diverged, *field.diverged),
        history=_with_kept((*standing.history, *entries), judged.kept.examined.candidate.round),
    )


def _incumbent(
    trainer: Trainer, current: TrainingState, this: Round, progress: Progress
) -> TrainingState:
    """Where training stands at the fork. Of processes that share candidates the first trains."""

    def trained() -> TrainingState:
        trainer.restore(current)
        trainer.train_to(this.fork, progress)
        return trainer.capture()

    codec = Codec(state.encode, partial(state.decode, step=this.fork))
    return sharing(trainer.job, "candidates").shared(0, trained, codec)


def _judged(recipe: Recipe, standing: Standing, new: Finalist) -> Standing:
    """The standing with a further finalist: who is still in question, who is kept, how stale.

    Density only falls, and what is denser than it may be is not returned: a finalist from before
    it fell is out.
    """
    density = new.examined.candidate.density
    finalists = (
        *(one for one in standing.finalists if one.examined.candidate.density <= density),
        new,
    )
    rounds = [finalist.examined for finalist in finalists]
    among = timing.in_question(recipe, rounds)
    at = timing.kept(recipe, rounds, among)
    before = standing.stale if standing.finalists and finalists[at] is standing.kept else 0
    return replace(
        standing,
        finalists=tuple(finalists[one] for one in among),
        kept_at=among.index(at),
        stale=timing.stale(recipe, rounds, kept_at=at, before=before),
    )


def _with_kept(history: Sequence[Candidate], number: int) -> tuple[Candidate, ...]:
    """The history with `kept` true for what this round chose, and for nothing else."""
    return tuple(replace(entry, kept=entry.chosen and entry.round == number) for entry in history)


def _tell_of_limit(recipe: Recipe, standing: Standing, progress: Progress) -> None:
    limit, kept = recipe.compress.leakage_limit, standing.kept.examined
    if limit is not None and not within(kept.marks, limit, among=len(standing.finalists)):
        progress.say(
            f"no round in question stays within compress.leakage_limit {limit:g}: round "
            f"{kept.candidate.round}, which is returned, may leak more"
        )


def _news(candidate: Candidate) -> str:
    return (
        f"round {candidate.round}: {candidate.strategy or 'incumbent'}, "
        f"accuracy {candidate.validation.value:.3f}, attack {candidate.attack_accuracy:.3f}, "
        f"TM {candidate.tm_score:.3f}{', chosen' if candidate.chosen else ''}"
    )
