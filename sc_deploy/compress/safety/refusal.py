"""Can these safety tests be asked in this job? What speaks against it, before training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.compress import search_reference
from sc_deploy.compress.last_layer import ends_in
from sc_deploy.compress.safety import MAY_READ
from sc_deploy.contracts import Need, Role, SharedSafetyTest
from sc_deploy.errors import Problem
from sc_deploy.networks import fitting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from sc_deploy.compress.job import Job

LEAST_OF_A_VALUE: Final = 10


def problems(job: Job) -> Iterator[Problem]:
    """Tests that read what they may not, and needs that this job cannot meet."""
    for test in job.safety_tests:
        if forbidden := sorted(test.reads - MAY_READ):
            yield Problem(
                f"compress.safety_tests: {test.name}",
                f"reads {', '.join(forbidden)}",
                f"a safety test may read only {', '.join(sorted(MAY_READ))}",
            )
        if job.recipe.compress.attacker == "shared" and not isinstance(test, SharedSafetyTest):
            yield Problem(
                f"compress.safety_tests: {test.name}",
                "cannot be fitted on one model and asked about others: it has no `fit`",
                "set compress.attacker to each, or leave the test out",
            )
    if who := _who(job, Need.REFERENCE):
        yield from _reference(job, who)
    if who := _who(job, Need.ATTRIBUTE):
        yield from _attribute(job, who)


def network_problems(job: Job, module: nn.Module) -> Iterator[Problem]:
    """Whether this network, which takes the job's samples, has the features that tests need."""
    who = _who(job, Need.FEATURES)
    if who and not ends_in(module, fitting.zeros(job.network)):
        yield Problem(
            who,
            "looks at the inputs of the last linear layer, and this network's answer does not "
            "come from its last torch.nn.Linear",
            "leave the test out, or let the network end in the nn.Linear that it registers last",
        )


def _who(job: Job, need: Need) -> str:
    """The tests of the recipe that need it; empty where none does."""
    names = [test.name for test in job.safety_tests if need in test.needs]
    return f"compress.safety_tests: {', '.join(names)}" if names else ""


def _reference(job: Job, who: str) -> Iterator[Problem]:
    samples, batch = len(search_reference.reference_job(job).members), job.recipe.train.batch_size
    if samples < batch:
        yield Problem(
            who,
            f"needs a model trained on the reference roles, which have {samples} samples; "
            f"train.batch_size is {batch}",
            "raise roles.fractions.reference, lower train.batch_size, or leave the test out",
        )
    if job.recipe.network.weights is not None:
        yield Problem(
            who,
            "needs a model that never saw the candidates' members, and this network begins with "
            "weights trained elsewhere, perhaps on them",
            "leave the test out, or remove network.weights",
        )


def _attribute(job: Job, who: str) -> Iterator[Problem]:
    if job.task.attribute is None:
        yield Problem(
            who,
            f"guesses a sensitive attribute, and task {job.task.name!r} has none",
            "leave the test out, or bring a task whose `attribute` is int64 [N]",
        )
        return
    rows = job.roles.rows(Role.MEMBER_SEARCH, Role.NON_MEMBER_SEARCH)
    values, counts = np.unique(job.task.attribute[job.roles.index[rows]], return_counts=True)
    rare = [str(value) for value in values[counts < LEAST_OF_A_VALUE]]
    if rare or len(values) < 2:
        yield Problem(
            who,
            f"finds {len(values)} values of the attribute among {len(rows)} search samples"
            + (f", fewer than {LEAST_OF_A_VALUE} samples of {', '.join(rare)}" if rare else ""),
            "merge rare values in the task's `attribute`, or raise roles.fractions.search",
        )
