"""What must hold around training so that equal inputs give equal bytes?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from sc_deploy.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


def require_device(name: str) -> torch.device:
    """The device that the recipe names. Raises UnavailableError if it is not there."""
    if name == "cuda" and not torch.cuda.is_available():
        raise UnavailableError(
            "compress.device is cuda, and torch finds no CUDA device here",
            remedy="set compress.device: cpu, or run where `nvidia-smi` lists a GPU",
        )
    return torch.device(name)


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
