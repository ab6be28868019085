"""How do the processes of one command find each other, and how do they end together?"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import torch
from torch import distributed
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from sc_deploy.compress.processes import fsdp_settings
from sc_deploy.compress.processes.ranks import Ranks, current
from sc_deploy.errors import ExitCode, UnavailableError, UsageError

JOINING: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(days=7)
"""Of one process for another that works. A dead one is noticed at once: its connections close."""
PARTING: Final = 5.0
"""Seconds to learn of each other's end before a launcher kills who is left."""
OUTCOME: Final = "outcome"
TOLD: Final = "told"
ENDED: Final = "ended"
OTHERS_WAYS: Final = {
    "ACCELERATE_USE_DEEPSPEED": "DeepSpeed",
    "ACCELERATE_USE_MEGATRON_LM": "Megatron-LM",
}
"""Ways of `accelerate launch` to split one network over processes that are not here."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the whole command ended: by which process, with which exit code, what that one said."""

    index: int
    code: int
    said: str


@dataclass(frozen=True, slots=True, eq=False)
class Launch:
    """The processes of one command, joined. `end` is the last that each of them calls."""

    ranks: Ranks
    store: Store

    def end(self, code: ExitCode, said: str) -> Outcome:
        """The outcome that all processes share: the first failure, or else the first's own end.

        A failure wakes those that wait for this process: what they wait for fails in turn.
        `said` is what nobody was shown yet.
        """
        try:
            return self._end(Outcome(self.ranks.index, int(code), said))
        except RuntimeError:
            # The process that kept the store is gone, and with it all that could be agreed on.
            return Outcome(self.ranks.index, int(code or ExitCode.FAILED), said)
        finally:
            if distributed.is_initialized():
                distributed.destroy_process_group()

    def _end(self, mine: Outcome) -> Outcome:
        if mine.code or self.ranks.first:
            self.store.compare_set(OUTCOME, "", json.dumps([mine.index, mine.code, mine.said]))
        if mine.code:
            distributed.destroy_process_group()
        self._wait(OUTCOME, seconds=float("inf"))
        outcome = Outcome(*json.loads(self.store.get(OUTCOME)))
        self.store.add(ENDED, 1)
        if self.ranks.first:
            self.store.set(TOLD, "")
            self._wait_for_all()
        return outcome

    def unheard(self) -> bool:
        """Whether the first process, which speaks for all, is not there to tell of a failure."""
        try:
            return not (self.ranks.first or self._wait(TOLD, seconds=PARTING))
        except RuntimeError:
            return True

    def _wait(self, key: str, *, seconds: float) -> bool:
        """Whether the key came up in time. It asks anew: a blocking wait would hear no signal."""
        until = time.monotonic() + seconds
        while not self.store.check([key]):
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def _wait_for_all(self) -> None:
        until = time.monotonic() + PARTING
        while self.store.add(ENDED, 0) < self.ranks.count and time.monotonic() < until:
            time.sleep(0.1)


def join() -> Launch:
    """Join the processes that the environment tells of, as `accelerate launch` or torchrun set it.

    Tensors on the CPU travel by gloo, those on GPUs by NCCL. Raises UsageError for a way of
    launching that is not served, UnavailableError if the others cannot be found.
    """
    for variable, name in OTHERS_WAYS.items():
        if os.environ.get(variable, "").lower() == "true":
            raise UsageError(
                f"{name} splits a network over processes in a way that scdeploy does not serve",
                remedy="launch with --use_fsdp --fsdp_version 2; or, where the network fits, "
                "without, as plain data-parallel processes",
            )
    fsdp_settings.require_served()
    try:
        store, index, count = next(rendezvous("env://", timeout=JOINING))
        distributed.init_process_group(
            "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "cpu:gloo",
            store=PrefixStore("group", store),
            rank=index,
            world_size=count,
            timeout=LONGEST_WAIT,
        )
    except (RuntimeError, ValueError) as error:
        raise UnavailableError(
            f"the processes of this command do not find each other: {error}",
            remedy="start them with `accelerate launch --num_processes N -m sc_deploy.cli …` or "
            "`torchrun --nproc-per-node N -m sc_deploy.cli …`; for one process unset WORLD_SIZE",
        ) from error
    return Launch(current(), PrefixStore("command", store))
