"""What do several processes share of a compression, and what speaks against it?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Literal

from sc_deploy.compress import channels, state
from sc_deploy.compress.processes import batch_norms, sharded
from sc_deploy.compress.processes.ranks import ALONE
from sc_deploy.errors import Problem, ProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import nn

    from sc_deploy.compress.job import Job
    from sc_deploy.compress.processes.ranks import Ranks
    from sc_deploy.compress.state import TrainingState

MEANS: Final = frozenset({"label-smoothing", "confidence-penalty", "hamp", "distillation"})
"""Defences whose loss is a mean over samples, so that shares of a batch give that of the whole."""
INSTEAD: Final = "set compress.parallel: candidates"


def sharing(job: Job, way: Literal["data", "candidates"]) -> Ranks:
    """The processes that share the work in this way; ALONE where the recipe says the other."""
    return job.ranks if job.recipe.compress.parallel == way else ALONE


def require_same(ranks: Ranks, capture: Callable[[], TrainingState], place: str) -> None:
    """Raise ProcessError in all processes unless they stand at the very same state, bit by bit."""
    if ranks.alone:
        return
    standing = capture()
    differing = [
        part
        for part in state.PARTS
        if ranks.differing(hashlib.sha256(state.encode_part(standing, part)).digest())
    ]
    if differing:
        raise ProcessError(
            f"{place}: the {', '.join(differing)} of some process differ from the first one's",
            remedy="run all processes on GPUs of one kind and with the same torch; or "
            f"{INSTEAD}, or start one process",
        )


def problems(job: Job, module: nn.Module) -> Iterator[Problem]:
    """Everything that speaks against several processes for this job; nothing for one."""
    if job.ranks.alone:
        return
    if any(found.name == "dp-sgd" for found in job.recipe.defence):
        found = f"has no guarantee that was shown to hold over {job.ranks.count} processes"
        yield Problem("defence: dp-sgd", found, "start one process")
    if job.ranks.sharded:
        yield from _of_shards(job, module)
    if job.recipe.compress.parallel == "data":
        yield from _of_data(job, module)


def _of_shards(job: Job, module: nn.Module) -> Iterator[Problem]:
    if job.recipe.compress.parallel == "candidates":
        found = "is candidates, and FSDP's processes train one network together"
        remedy = f"set it to data, or {sharded.WHOLE}"
        yield Problem("compress.parallel", found, remedy)
    if channels.asked(job):
        found = "is channel, and a channel is cut and revived in tensors of several layers at once"
        yield Problem("sparse.pattern", found, sharded.WHOLE)
    if job.recipe.compress.memory_format == "channels-last":
        found = "is channels-last, and FSDP2 takes contiguous weights alone"
        yield Problem("compress.memory_format", found, f"set it to auto, or {sharded.WHOLE}")
    yield from sharded.problems(module)


def _of_data(job: Job, module: nn.Module) -> Iterator[Problem]:
    instead = f"launch without --use_fsdp, and {INSTEAD}" if job.ranks.sharded else INSTEAD
    if job.recipe.compress.loss_traces:
        found = "is recorded by one process, and each sees only its share of a batch"
        yield Problem("compress.loss_traces", found, instead)
    train, count = job.recipe.train, job.ranks.count
    if train.batch_size < count:
        found = f"is {train.batch_size}, too few for {count} processes to share"
        yield Problem("train.batch_size", found, f"raise it, start fewer processes, or {instead}")
    if train.class_weights != "none":
        found = "make the loss of a batch another thing than the mean of its shares"
        yield Problem("train.class_weights", found, f"{instead}, or set it to none")
    for defence in job.recipe.defence:
        if defence.name not in MEANS and defence.name != "dp-sgd":
            found = "looks at a batch as a whole, of which each process has a share"
            yield Problem(f"defence: {defence.name}", found, instead)
    yield from batch_norms.problems(module, instead)
