"""Roles as large as a recipe asks for, dealt without regard to what the samples are.

Where the true roles cannot be drawn they stand in, so that what else is wrong can be found in the
same pass. Nothing is ever trained on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import Role, Roles
from sc_deploy.tasks import deal

if TYPE_CHECKING:
    from sc_deploy.contracts import Task
    from sc_deploy.recipe import RolesSection


def roles(task: Task, section: RolesSection) -> Roles:
    """At most a whole pool for each role; labels are all 0, ids all zeros, digests empty."""
    pool = len(task.x)
    sizes = {role: min(count, pool) for role, count in deal.asked(section, pool).items()}
    total = sum(sizes.values())
    # Shuffled, because pools are often sorted by class.
    turn = np.random.default_rng(0).permutation(pool).astype(np.int64)
    code = {role: at for at, role in enumerate(Role)}
    return Roles(
        sample_id=np.zeros((total, 32), np.uint8),
        index=np.resize(turn, total),
        role=np.repeat([code[role] for role in sizes], list(sizes.values())).astype(np.uint8),
        label=np.zeros(total, np.int64),
        flipped=np.zeros(total, np.bool_),
        dataset_digest="",
        preprocessing_digest="",
        digest="",
    )
