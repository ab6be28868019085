"""Which process tries which candidate of a round, and how do the others learn of it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import safetensors.numpy
from pydantic import TypeAdapter

from sc_deploy.compress import state
from sc_deploy.compress.candidates import marks
from sc_deploy.compress.candidates.probation import Contender, Probation
from sc_deploy.compress.candidates.selection import Examined
from sc_deploy.compress.history import CANDIDATE
from sc_deploy.compress.processes.ranks import Codec
from sc_deploy.compress.processes.sharing import sharing
from sc_deploy.contracts import Diverged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sc_deploy.progress import Progress

Trial: TypeAlias = Callable[[Probation], Contender | Diverged]


@dataclass(slots=True)
class Notes:
    """What a trial told while it went on, to be told again by the process that speaks."""

    steps: int = 0
    lines: list[str] = field(default_factory=list)

    def start(self, stage: str, total: int) -> None:
        """No stage begins inside a trial."""

    def advance(self, done: int = 1, *, note: str = "") -> None:
        self.steps += done
        if note:
            self.lines.append(note)

    def say(self, message: str) -> None:
        self.lines.append(message)

    def tell(self, progress: Progress) -> None:
        progress.advance(self.steps)
        for line in self.lines:
            progress.say(line)


NOTES: Final = TypeAdapter(Notes)
DIVERGED: Final = TypeAdapter(Diverged)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What became of a trial, and what was told of it."""

    contender: Contender | Diverged
    notes: Notes


def spread(probation: Probation, trials: Sequence[Trial]) -> list[Contender | Diverged]:
    """What all trials give, in their order. Processes that share candidates take turns.

    Each trial starts from the same state and depends on it alone: who does it changes no bit on
    the CPU.
    """
    ranks = sharing(probation.trainer.job, "candidates")
    if ranks.alone:
        return [trial(probation) for trial in trials]
    tasks = [partial(_reported, probation, trial, live=ranks.first) for trial in trials]
    reports = ranks.spread(tasks, Codec(encode, decode))
    for at, report in enumerate(reports):
        if ranks.owner(at) != ranks.index:
            report.notes.tell(probation.progress)
    return [report.contender for report in reports]


def encode(report: Report) -> bytes:
    """A report as safetensors, its parts as bytes uint8 [n]."""
    parts = {"notes": NOTES.dump_json(report.notes)}
    found = report.contender
    if isinstance(found, Diverged):
        parts["diverged"] = DIVERGED.dump_json(found)
    else:
        parts |= {
            "candidate": CANDIDATE.dump_json(found.candidate),
            "marks": marks.encode([found.examined.marks]),
            "state": state.encode(found.state),
            "presented": state.encode(found.presented),
        }
    return safetensors.numpy.save(
        {name: np.frombuffer(content, np.uint8) for name, content in parts.items()}
    )


def decode(content: bytes) -> Report:
    """The report behind `encode`'s bytes."""
    parts = {name: _bytes(part) for name, part in safetensors.numpy.load(content).items()}
    notes = NOTES.validate_json(parts["notes"])
    if "diverged" in parts:
        return Report(DIVERGED.validate_json(parts["diverged"]), notes)
    candidate = CANDIDATE.validate_json(parts["candidate"])
    (judged,) = marks.decode(parts["marks"])
    contender = Contender(
        Examined(candidate, judged),
        state.decode(parts["state"], step=candidate.step),
        state.decode(parts["presented"], step=candidate.step),
    )
    return Report(contender, notes)


def _reported(probation: Probation, trial: Trial, *, live: bool) -> Report:
    """A trial with its notes; where they are `live`, they are told at once and none are kept."""
    notes = Notes()
    contender = trial(probation if live else replace(probation, progress=notes))
    return Report(contender, notes)


def _bytes(part: NDArray[np.uint8]) -> bytes:
    return part.tobytes()
