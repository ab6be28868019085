"""What holds around training, and is put back."""

from __future__ import annotations

import pytest
import torch

from sc_deploy.compress.training.surroundings import repeatable


def settings() -> tuple[int, bool]:
    return torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()


def fail_inside(threads: int) -> None:
    with repeatable(torch.device("cpu"), threads=threads):
        assert settings() == (threads, True)
        raise KeyError


def test_threads_and_kernels_are_set_inside_and_put_back_even_after_an_error() -> None:
    before = settings()
    with pytest.raises(KeyError):
        fail_inside(threads=before[0] + 1)
    assert settings() == before


def test_the_global_generator_is_put_back() -> None:
    before = torch.random.get_rng_state()
    with repeatable(torch.device("cpu"), threads=1):
        torch.rand(5)
    assert torch.equal(torch.random.get_rng_state(), before)
