"""What a problem's recipe compresses: all that it names, resolved."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sc_deploy import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts import NetworkSpec, Roles, SafetyTest
    from sc_deploy.pipeline.problem import Problem


def job_of(problem: Problem, roles: Roles) -> Job:
    """The job of a problem with these roles. Raises UsageError for what is not there."""
    tests = [registry.safety_test(name) for name in problem.recipe.compress.safety_tests]
    return job_with(problem, roles, tests)


def job_with(problem: Problem, roles: Roles, tests: Sequence[SafetyTest]) -> Job:
    """The job of a problem with these roles and safety tests."""
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.probing import needed
    from sc_deploy.compress.processes.ranks import current
    from sc_deploy.networks import build

    spec = build.spec_of(problem.task, problem.recipe.network)
    return Job(
        problem.recipe,
        problem.task,
        roles,
        spec,
        partial(first, spec, problem),
        tuple(tests),
        ranks=current(),
        probed=needed((*problem.policy.attacks, *problem.policy.shown)),
    )


def first(spec: NetworkSpec, problem: Problem, seed: int) -> torch.nn.Module:
    """The network that training begins with: random, or with the weights that were brought."""
    from sc_deploy.networks import build, weights

    section = problem.recipe.network
    if section.pretrained is not None and not section.from_scratch:
        return build.pretrained(spec, section, seed=seed)
    module = fresh(spec, problem, seed)
    if section.weights is not None:
        weights.load(module, Path(section.weights))
    return module


def fresh(spec: NetworkSpec, problem: Problem, seed: int) -> torch.nn.Module:
    """The network with random first weights, a function of `spec` and `seed` alone."""
    from sc_deploy.networks import build

    return build.build(spec, seed=seed, task=problem.task)
