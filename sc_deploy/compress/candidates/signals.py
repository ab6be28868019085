"""What do the operators of a pool get to see of a network in training?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from sc_deploy.compress.processes.sharded import whole, whole_gradient
from sc_deploy.compress.processes.sharing import sharing
from sc_deploy.compress.randomness import generator
from sc_deploy.compress.training.order import read
from sc_deploy.contracts import Role
from sc_deploy.sparse.signals import Need, Signals
from sc_deploy.sparse.update import needs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sc_deploy.compress.training.trainer import Trainer
    from sc_deploy.contracts import Strategy
    from sc_deploy.sparse.masks import Tensors

SAMPLES: Final = 512
"""Of members, and of non-members, that one gap gradient is the mean of."""


def collect(trainer: Trainer, strategies: Iterable[Strategy | None]) -> Signals:
    """All that these strategies look at where the trainer stands, and nothing else.

    Leaves the trainer as it was. What is not finite counts as zero.
    """
    wanted = frozenset[Need]().union(*(needs(one) for one in strategies if one is not None))
    gap = Need.GAP in wanted
    return Signals(
        gradients=trainer.dense_gradients() if Need.GRADIENT in wanted else {},
        momentum=_whole(trainer.traces.momentum) if Need.MOMENTUM in wanted else {},
        members=_mean_gradients(trainer, Role.MEMBER_SEARCH) if gap else {},
        non_members=_mean_gradients(trainer, Role.NON_MEMBER_SEARCH) if gap else {},
        fired=_whole(trainer.traces.fired) if Need.FIRED in wanted else {},
    )


def _mean_gradients(trainer: Trainer, role: Role) -> dict[str, torch.Tensor]:
    """Gradients of the mean cross-entropy on a draw of `SAMPLES` of a role, dead weights included.

    In eval mode, as an attacker meets the network: dropout is off, and members and non-members
    are normalised by the same statistics.
    """
    job, module = trainer.job, trainer.module
    rows = job.roles.rows(role)
    stream = generator(job.recipe.seed, "gap", role.value, trainer.step)
    rows = rows[torch.randperm(len(rows), generator=stream).numpy()[:SAMPLES]]
    module.eval()
    module.zero_grad()
    size, ranks = job.recipe.train.batch_size, sharing(job, "data")
    for start in range(0, len(rows), size):
        # Of each batch a share: all processes must pass as often through a network in shards.
        share = ranks.share(rows[start : start + size])
        seen = share if len(share) else rows[:1]
        x, y = (torch.from_numpy(array).to(trainer.device) for array in read(job, seen))
        loss = functional.cross_entropy(module(x).float(), y, reduction="sum") / len(rows)
        # A share of nobody's counts for nothing.
        torch.autograd.backward(loss * float(len(share) > 0))
    found = {name: whole_gradient(weight).clone() for name, weight in trainer.governed.items()}
    module.zero_grad()
    if not ranks.sharded:
        ranks.add(found)
    return _finite(found)


def _whole(tensors: Tensors) -> dict[str, torch.Tensor]:
    return {name: whole(value) for name, value in tensors.items()}


def _finite(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.nan_to_num(0.0, 0.0, 0.0) for name, value in tensors.items()}
