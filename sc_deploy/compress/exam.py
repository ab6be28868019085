"""How good, and how leaky, is a candidate?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.compress.answers import predict
from sc_deploy.compress.randomness import derive
from sc_deploy.contracts import Role
from sc_deploy.privacy.statistics.proportion import proportion

if TYPE_CHECKING:
    from torch import nn

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts import Predictions, Rate


CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Marks:
    """The performance test (validation accuracy) and each safety test's attack accuracy."""

    validation: Rate
    safety: tuple[tuple[str, Rate], ...]


def examine(job: Job, module: nn.Module) -> Marks:
    """Put a candidate through the performance test and every safety test.

    The logits are computed once and shared by all tests, each of which gets only the roles that
    it reads. The tests' seed is the same for all candidates of a run: what differs between two
    marks is the candidates, not the folds.
    """
    answers = {role: predict(module, job.task, job.roles, role) for role in job.exam_roles}
    seed = derive(job.recipe.seed, "safety")
    return Marks(
        validation=accuracy(answers[Role.VALIDATION]),
        safety=tuple(
            (test.name, test.attack_accuracy({r: answers[r] for r in test.reads}, seed=seed))
            for test in job.safety_tests
        ),
    )


def accuracy(predictions: Predictions) -> Rate:
    """Share of samples whose largest logit is at the label."""
    right = predictions.logits.argmax(axis=1) == predictions.labels
    return proportion(int(np.count_nonzero(right)), len(right), confidence=CONFIDENCE)
