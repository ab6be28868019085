"""The tests that a candidate is put through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.compress.exam import accuracy, examine
from sc_deploy.contracts import Predictions, Rate, Role

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job


@dataclass
class Witness:
    """A safety test that remembers what it was given."""

    name: str = "witness"
    reads: frozenset[Role] = frozenset({Role.NON_MEMBER_SEARCH})
    given: list[tuple[frozenset[Role], int]] = field(default_factory=list)

    def attack_accuracy(self, predictions: Mapping[Role, Predictions], *, seed: int) -> Rate:
        self.given.append((frozenset(predictions), seed))
        return Rate(0.5, 0.4, 0.6, 60)


def test_accuracy_counts_the_largest_logit() -> None:
    logits = np.array([[1, 2], [3, 1], [0, 5], [0, 1]], np.float32)
    labels = np.array([1, 0, 0, 1], np.int64)
    rate = accuracy(Predictions(logits, labels, np.zeros((4, 32), np.uint8)))
    assert (rate.value, rate.n) == (0.75, 4)
    assert rate.low < 0.75 < rate.high


def test_a_safety_test_gets_only_what_it_reads_and_always_the_same_seed(job: Job) -> None:
    witness = Witness()
    watched = replace(job, safety_tests=(witness,))
    for seed in (1, 2):
        marks = examine(watched, job.factory(seed))
        assert marks.safety == (("witness", Rate(0.5, 0.4, 0.6, 60)),)
    assert {roles for roles, _ in witness.given} == {witness.reads}
    assert len({seed for _, seed in witness.given}) == 1
