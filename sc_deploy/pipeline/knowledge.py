"""What an attacker of a run's models knows of the samples besides the answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit.evidence import ARTIFACT, DENSE, SOURCE
from sc_deploy.contracts import NOTHING, Knowledge, Role, TextTask
from sc_deploy.pipeline import inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sc_deploy.contracts import Roles, Task
    from sc_deploy.contracts.arrays import Float32, Int64
    from sc_deploy.pipeline.execution import Inputs


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The samples of an audit: whose they are, and where what the models read lies.

    `probed` are answers to altered samples, by subject and role.
    """

    task: Task
    roles: Roles
    inputs: Inputs
    probed: Mapping[str, Mapping[Role, Knowledge]] = field(default_factory=dict)


def gather(samples: Samples) -> dict[str, dict[Role, Knowledge]]:
    """By subject and role, row by row as the artifact's predictions."""
    read = inputs.summaries(samples.inputs.path, pad=_pad(samples.task))
    shared = {
        role: _of_sample(samples, samples.inputs.rows[at], read[at])
        for role, at in _places(samples).items()
    }
    return {
        name: {role: _with(told, samples.probed, name, role) for role, told in shared.items()}
        for name in (ARTIFACT, SOURCE, DENSE)
    }


def _with(
    told: Knowledge, probed: Mapping[str, Mapping[Role, Knowledge]], name: str, role: Role
) -> Knowledge:
    """What is known of samples, with this model's answers to altered ones."""
    found = probed.get(name, {}).get(role, NOTHING)
    return replace(told, votes=found.votes, distance=found.distance)


def _places(samples: Samples) -> Mapping[Role, Int64]:
    """Places among the inputs by role, in their order."""
    codes = samples.roles.role[samples.inputs.rows]
    found = {role: np.flatnonzero(codes == code) for code, role in enumerate(Role)}
    return {role: places for role, places in found.items() if len(places)}


def _pad(task: Task) -> int | None:
    return task.tokens.pad if isinstance(task, TextTask) else None


def _of_sample(samples: Samples, rows: Int64, read: Float32) -> Knowledge:
    """What belongs to a sample, whichever model is asked."""
    index = samples.roles.index[rows]
    unit, attribute = samples.task.unit, samples.task.attribute
    return Knowledge(
        inputs=read,
        unit=None if unit is None else _numbered(unit, index),
        attribute=None if attribute is None else attribute[index],
    )


def _numbered(unit: NDArray[np.generic], index: Int64) -> Int64:
    """Units as numbers that stand for the same unit in every role."""
    numbers: Int64 = np.unique(unit, return_inverse=True)[1].astype(np.int64)
    return numbers[index]
