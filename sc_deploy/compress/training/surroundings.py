"""What must hold around training so that equal inputs give equal bytes?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from sc_deploy.compress.processes.ranks import ALONE
from sc_deploy.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.compress.processes.ranks import Ranks


def require_device(name: str, ranks: Ranks = ALONE) -> torch.device:
    """The device that the recipe names; of several processes on a machine each has its own GPU.

    Raises UnavailableError if it is not there.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise UnavailableError(
            "compress.device is cuda, and torch finds no CUDA device here",
            remedy="set compress.device: cpu, or run where `nvidia-smi` lists a GPU",
        )
    if name == "cpu" or ranks.alone:
        return torch.device(name)
    if ranks.local >= (found := torch.cuda.device_count()):
        raise UnavailableError(
            f"process {ranks.local + 1} of this machine has no GPU of its own: torch finds {found}",
            remedy=f"start {found} processes a machine, or set compress.device: cpu",
        )
    torch.cuda.set_device(ranks.local)
    return torch.device(name, ranks.local)


@contextmanager
def repeatable(device: torch.device, *, threads: int) -> Iterator[None]:
    """Fixed thread count, deterministic CPU kernels, torch's own generators put back after.

    Sums depend on how work is split among threads: the count is part of what makes bytes equal.
    On CUDA, kernels stay free to differ in the last bit.
    """
    before = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    lenient = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(device.type == "cpu")
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            yield
    finally:
        torch.use_deterministic_algorithms(strict, warn_only=lenient)
        torch.set_num_threads(before)
