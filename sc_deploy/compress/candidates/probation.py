"""How does one candidate fare?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from sc_deploy.compress import channels
from sc_deploy.compress.candidates import exam, signals, topology
from sc_deploy.compress.candidates import marks as marking
from sc_deploy.compress.candidates.presented import presented
from sc_deploy.compress.candidates.selection import Examined
from sc_deploy.compress.processes.ranks import Codec
from sc_deploy.compress.processes.sharing import require_same, sharing
from sc_deploy.contracts import Candidate, Diverged
from sc_deploy.errors import CompressionError
from sc_deploy.sparse import masks

if TYPE_CHECKING:
    from sc_deploy.compress.candidates.rounds import Round
    from sc_deploy.compress.state import TrainingState
    from sc_deploy.compress.training.trainer import Trainer
    from sc_deploy.contracts import Strategy
    from sc_deploy.progress import Progress
    from sc_deploy.sparse.signals import Signals

MARKS: Final[Codec[marking.Marks]] = Codec(
    lambda found: marking.encode([found]), lambda content: marking.decode(content)[0]
)


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """A candidate with the state that it reached; `presented` what of it was examined."""

    examined: Examined
    state: TrainingState
    presented: TrainingState

    @property
    def candidate(self) -> Candidate:
        return self.examined.candidate

    def valued(self, objective: float) -> Contender:
        """The same with what the objective makes of it."""
        candidate = replace(self.candidate, objective=objective)
        return replace(self, examined=replace(self.examined, candidate=candidate))


@dataclass(frozen=True, slots=True, eq=False)
class Probation:
    """The common ground of a round's candidates: where they fork, and who examines them."""

    trainer: Trainer
    round: Round
    incumbent: TrainingState
    signals: Signals
    judges: tuple[exam.Judge, ...]
    progress: Progress

    @classmethod
    def at(
        cls, trainer: Trainer, incumbent: TrainingState, this: Round, progress: Progress
    ) -> Probation:
        """The probation of a round at whose fork `incumbent` stands, the same in every process."""
        place = f"round {this.number}, where its candidates fork"
        require_same(sharing(trainer.job, "data"), lambda: incumbent, place)
        trainer.restore(incumbent)
        with channels.exposed(trainer):
            seen = signals.collect(trainer, topology.strategies(trainer.job, this))
        return cls(trainer, this, incumbent, seen, _judges(trainer), progress)

    def first(self, strategy: Strategy | None, *, until: int) -> Contender | Diverged:
        """The candidate that a strategy makes of the incumbent, trained and examined.

        The incumbent's own divergence is raised, for training ends there.
        """
        self.trainer.restore(self.incumbent)
        masks = topology.moved(self.trainer, self.signals, strategy, self.round)
        self.trainer.move_to(masks)
        return self._tried(strategy, until=until, stage=1)

    def second(self, contender: Contender) -> Contender | Diverged:
        """A candidate that came through the first part, after the rest."""
        self.trainer.restore(contender.state)
        return self._tried(contender.candidate.strategy, until=self.round.end, stage=2)

    def _tried(self, strategy: Strategy | None, *, until: int, stage: int) -> Contender | Diverged:
        try:
            self.trainer.train_to(until, self.progress)
            return self._examined(strategy, stage=stage)
        except CompressionError as error:
            if strategy is None:
                raise
            self.progress.advance(
                0, note=f"round {self.round.number}: {strategy} is left out: {error.what}"
            )
            return Diverged(self.round.number, self.round.fork, strategy, error.what)

    def _examined(self, strategy: Strategy | None, *, stage: int) -> Contender:
        trainer = self.trainer
        examine = partial(exam.examine, trainer.job, trainer.module, self.judges)
        ranks = sharing(trainer.job, "data")
        standing = trainer.capture()
        require_same(ranks, lambda: standing, f"round {self.round.number}, {strategy}")
        with presented(trainer) as shown:
            # GPUs may differ in a last bit, and what is chosen must not: one examines for all.
            marks = ranks.agreed(examine, MARKS)
        candidate = Candidate(
            round=self.round.number,
            step=trainer.step,
            strategy=strategy,
            density=masks.density(standing.masks),
            validation=marks.validation,
            safety=marks.safety,
            chosen=False,
            stage=stage,
            averaged=bool(trainer.average),
        )
        return Contender(Examined(candidate, marks), standing, shown)


def _judges(trainer: Trainer) -> tuple[exam.Judge, ...]:
    if trainer.job.recipe.compress.attacker == "each":
        return exam.fresh_judges(trainer.job)
    with presented(trainer):
        return exam.shared_judges(trainer.job, trainer.module)
