"""The samples of a plain audit as a task and its roles, so that they run like any other's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from sc_deploy import digest
from sc_deploy.contracts import Predictions, Role, Roles
from sc_deploy.pipeline.brought.rows import joined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Int64, NetworkInput, UInt8
    from sc_deploy.pipeline.brought.rows import Rows


@dataclass(frozen=True, slots=True, eq=False)
class BroughtTask:
    """A `contracts.Task` over samples that were preprocessed elsewhere; `attribute` int64 [N]
    numbers the groups that the files name."""

    x: NDArray[np.generic]
    y: Int64
    unit: NDArray[np.generic] | None
    attribute: Int64 | None
    classes: tuple[str, ...]
    name: str = "brought"

    def preprocess(self, x: NDArray[np.generic]) -> NetworkInput:
        return cast("NetworkInput", x)


def task_of(rows: Mapping[Role, Rows]) -> BroughtTask:
    """All samples, role by role in the order of `rows`."""
    every = joined(list(rows.values()))
    classes = tuple(str(number) for number in range(max(2, int(every.labels.max()) + 1)))
    attribute = None
    if every.group is not None:
        attribute = np.unique(every.group, return_inverse=True)[1].astype(np.int64)
    return BroughtTask(every.values, every.labels, every.unit, attribute, classes)


def roles_of(rows: Mapping[Role, Rows]) -> Roles:
    """Who serves what, row by row as in `task_of`."""
    every = joined(list(rows.values()))
    codes = [np.full(len(part), list(Role).index(role), np.uint8) for role, part in rows.items()]
    return Roles(
        sample_id=every.sample_id,
        index=np.arange(len(every), dtype=np.int64),
        role=np.concatenate(codes),
        label=every.labels,
        flipped=np.zeros(len(every), np.bool_),
        dataset_digest="",
        preprocessing_digest="",
        digest=audited_digest(rows),
    )


def audited_digest(rows: Mapping[Role, Rows]) -> str:
    """Digest of who is audited on which side, in any order: what a look in the ledger is at."""
    return digest.of_arrays(
        {role: _sorted(rows[role].sample_id) for role in (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT)}
    )


def _sorted(sample_id: UInt8) -> UInt8:
    return np.unique(sample_id, axis=0)


def with_test(answers: Mapping[Role, Predictions]) -> dict[Role, Predictions]:
    """The same with the audit non-members among the test samples: nothing was chosen on them."""

    parts = [answers[role] for role in (Role.NON_MEMBER_AUDIT, Role.TEST) if role in answers]
    together = Predictions(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.sample_id for part in parts]),
    )
    return {**answers, Role.TEST: together}
