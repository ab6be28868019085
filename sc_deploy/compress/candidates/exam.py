"""How good, and how leaky, is a candidate?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sc_deploy.compress.candidates.marks import Marks
from sc_deploy.compress.randomness import derive
from sc_deploy.compress.safety.asked import asked, working
from sc_deploy.compress.safety.sight import given, see
from sc_deploy.contracts import Guesses, Observation, Role, SharedSafetyTest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import nn

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts import Predictions


Sight: TypeAlias = Mapping[Role, Observation]
Judge: TypeAlias = Callable[[Sight], Guesses]
"""An attack, ready to be tried on what is seen of a candidate."""


def fresh_judges(job: Job) -> tuple[Judge, ...]:
    """Attacks that are fitted on whatever candidate they meet, one for each safety test.

    Their seed is the same for all candidates of a run: what differs between two marks is the
    candidates, not the folds.
    """
    seed = derive(job.recipe.seed, "safety")
    return tuple(partial(test.attack, seed=seed) for test in job.safety_tests)


def shared_judges(job: Job, module: nn.Module) -> tuple[Judge, ...]:
    """Attacks fitted on this network alone, and tried on others as they are.

    One attacker a round, fitted on the model before its update, is how the paper's figures draw
    it (MIA-SafeCompress, Fig. 2).
    """
    seed, seen = derive(job.recipe.seed, "safety"), see(job, module)
    return tuple(
        _fitted(test, given(test, seen), seed=seed)
        for test in job.safety_tests
        if isinstance(test, SharedSafetyTest)
    )


def examine(job: Job, module: nn.Module, judges: Sequence[Judge] | None = None) -> Marks:
    """Put a candidate through the performance test and every safety test.

    The logits are computed once and shared by all tests, each of which gets only the roles that
    it reads. `judges` stand in the order of the job's safety tests; without any, fresh ones.
    """
    judges = fresh_judges(job) if judges is None else judges
    seen = see(job, module)
    return Marks(
        right=graded(job, seen[Role.VALIDATION].predictions),
        guesses=tuple(
            (test.name, asked(test.name, partial(judge, given(test, seen))))
            for test, judge in zip(job.safety_tests, judges, strict=True)
        ),
    )


def _fitted(test: SharedSafetyTest, seen: Sight, *, seed: int) -> Judge:
    with working(test.name):
        return test.fit(seen, seed=seed).attack


def graded(job: Job, predictions: Predictions) -> tuple[NDArray[np.bool_], ...]:
    """What the recipe's accuracy is the mean share of: one array, or one for each class."""
    if job.recipe.compress.accuracy == "balanced":
        return by_class(predictions)
    return (right(predictions),)


def right(predictions: Predictions) -> NDArray[np.bool_]:
    """Whether the largest logit of each sample is at its label, bool [n]."""
    return np.asarray(predictions.logits.argmax(axis=1) == predictions.labels)


def by_class(predictions: Predictions) -> tuple[NDArray[np.bool_], ...]:
    """`right`, one array for each class that occurs: in their mean rare classes count as much."""
    found, labels = right(predictions), predictions.labels
    return tuple(found[labels == label] for label in np.unique(labels))
