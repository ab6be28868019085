"""How a network comes into shards, as far as one process can see it; test_ranks has the rest."""

from __future__ import annotations

import torch
from torch import nn

from sc_deploy.compress.processes.ranks import ALONE
from sc_deploy.compress.processes.sharded import fill, place, placed, units, whole, whole_gradient


def test_blocks_are_what_containers_hold_inner_ones_first() -> None:
    inner = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    attention = nn.MultiheadAttention(2, 1)
    module = nn.Module()
    module.layers = nn.ModuleList([inner, nn.ModuleList([attention])])
    module.head = nn.Linear(2, 2)
    found = units(module)
    assert set(map(id, found)) == {id(inner), id(inner[0]), id(attention)}
    assert found.index(inner[0]) < found.index(inner)


def test_a_block_that_stands_twice_in_a_network_is_one_block() -> None:
    shared = nn.Linear(2, 2)
    assert units(nn.Sequential(shared, nn.ReLU(), shared)) == [shared]


def test_one_process_has_everything_whole() -> None:
    module, value = nn.Linear(2, 3), torch.arange(6.0).reshape(3, 2)
    assert place(module, torch.device("cpu"), ALONE) is module
    assert whole(value) is value
    assert whole_gradient(module.weight).eq(0).all()
    fill(module.weight, value)
    copy = placed(value, module.weight)
    assert torch.equal(module.weight, value)
    assert torch.equal(copy, value)
    assert copy.data_ptr() != value.data_ptr()
