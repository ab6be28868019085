"""The tests that a candidate is put through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.compress.candidates.exam import examine, right
from sc_deploy.contracts import Guesses, Need, Observation, Predictions, Role

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job


@dataclass
class Witness:
    """A safety test that remembers what it was given."""

    name: str = "witness"
    reads: frozenset[Role] = frozenset({Role.NON_MEMBER_SEARCH})
    needs: frozenset[Need] = frozenset()
    given: list[tuple[frozenset[Role], int]] = field(default_factory=list)

    def attack(self, seen: Mapping[Role, Observation], *, seed: int) -> Guesses:
        self.given.append((frozenset(seen), seed))
        return Guesses((np.array([True, False]), np.array([True, True])))


def test_accuracy_counts_the_largest_logit() -> None:
    logits = np.array([[1, 2], [3, 1], [0, 5], [0, 1]], np.float32)
    labels = np.array([1, 0, 0, 1], np.int64)
    found = right(Predictions(logits, labels, np.zeros((4, 32), np.uint8)))
    assert found.tolist() == [True, True, False, True]


def test_a_safety_test_gets_only_what_it_reads_and_always_the_same_seed(job: Job) -> None:
    witness = Witness()
    watched = replace(job, safety_tests=(witness,))
    for seed in (1, 2):
        marks = examine(watched, job.factory(seed))
        ((name, rate),) = marks.safety
        assert (name, rate.value, rate.n) == ("witness", 0.75, 4)
    assert {roles for roles, _ in witness.given} == {witness.reads}
    assert len({seed for _, seed in witness.given}) == 1
