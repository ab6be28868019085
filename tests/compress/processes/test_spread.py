"""Candidates that travel between processes."""

from __future__ import annotations

import numpy as np
import torch

from sc_deploy.compress.candidates.marks import Marks
from sc_deploy.compress.candidates.probation import Contender
from sc_deploy.compress.candidates.selection import Examined
from sc_deploy.compress.processes.spread import Notes, Report, decode, encode
from sc_deploy.compress.state import PARTS, TrainingState
from sc_deploy.contracts import Candidate, Diverged, Guesses, Rate, Strategy
from sc_deploy.progress import Silent


class Heard(Silent):
    def __init__(self) -> None:
        self.steps = 0
        self.lines: list[str] = []

    def advance(self, done: int = 1, *, note: str = "") -> None:
        self.steps += done

    def say(self, message: str) -> None:
        self.lines.append(message)


def reached(seed: int) -> TrainingState:
    stream = torch.Generator().manual_seed(seed)
    parts = {part: {"a/b": torch.rand(3, generator=stream)} for part in PARTS}
    return TrainingState(step=7, **(parts | {"masks": {"w": torch.tensor([True, False])}}))


def contender() -> Contender:
    rate = Rate(1 / 3, 0.1, 0.9, 4, 0.9)
    candidate = Candidate(
        round=2,
        step=7,
        strategy=Strategy("magnitude", "random"),
        density=0.1,
        validation=rate,
        safety=(("a test", rate),),
        chosen=False,
        stage=2,
        averaged=True,
    )
    guesses = Guesses((np.array([True, False]), np.array([False, True, True])))
    judged = Marks(right=(np.array([True, True, False]),), guesses=(("a test", guesses),))
    return Contender(Examined(candidate, judged), reached(1), reached(2))


def test_a_report_survives_the_way_bit_by_bit() -> None:
    sent = Report(contender(), Notes(5, ["a line"]))
    content = encode(sent)
    found = decode(content)
    assert encode(found) == content
    assert found.notes == sent.notes
    assert isinstance(found.contender, Contender)
    assert found.contender.candidate == contender().candidate
    assert found.contender.state.step == found.contender.presented.step == 7
    for part in PARTS:
        for name, value in getattr(contender().state, part).items():
            assert torch.equal(getattr(found.contender.state, part)[name], value)


def test_a_trial_that_diverged_has_words_and_no_candidate() -> None:
    lost = Diverged(2, 40, Strategy("magnitude", "random"), "not finite")
    found = decode(encode(Report(lost, Notes(3, ["left out"]))))
    assert found.contender == lost
    assert found.notes == Notes(3, ["left out"])


def test_notes_are_told_again_in_their_order() -> None:
    notes, heard = Notes(), Heard()
    notes.start("nothing", 3)
    notes.advance(2)
    notes.say("first")
    notes.advance(note="second")
    notes.tell(heard)
    assert heard.steps == 3
    assert heard.lines == ["first", "second"]
