"""What the model read of each sample, in at most 512 figures."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sc_deploy.contracts.arrays import Float32, Int64, NetworkInput

WIDTH: Final = 512
BATCH: Final = 1024
# Knuth's multiplicative hash: ids that lie close together fall far apart.
GOLDEN: Final = np.uint64(2654435769)


def summaries(path: Path, *, pad: int | None) -> Float32:
    """`summary` of all samples of a `.npy` [N, ...], float32 [N, D], a batch in memory at once."""

    samples = cast("NetworkInput", np.load(path, mmap_mode="r", allow_pickle=False))
    starts = range(0, max(1, len(samples)), BATCH)
    return np.concatenate([summary(samples[start : start + BATCH], pad=pad) for start in starts])


def summary(samples: NetworkInput, *, pad: int | None = None) -> Float32:
    """Samples [n, ...] as float32 [n, D] with D <= 512; the same sample always gives the same row.

    Token ids int64 [n, length] become counts of the ids that are not `pad`, hashed to 512
    columns. Values float32 stay as they are where a sample has at most 512 of them; otherwise
    blocks of the last two axes (of the only axis), as small as will do, become their means.
    """
    if samples.dtype == np.int64:
        return _counted(samples.astype(np.int64, copy=False), pad)
    values = samples.astype(np.float32, copy=False)
    if values[0:1].size > WIDTH or values.ndim > 2:
        values = _averaged(values)
    return np.ascontiguousarray(values.reshape(len(values), -1))


def _counted(ids: Int64, pad: int | None) -> Float32:
    columns = (ids.astype(np.uint64) * GOLDEN) % np.uint64(1 << 32) >> np.uint64(23)
    counts = np.zeros((len(ids), WIDTH), np.float32)
    rows = np.broadcast_to(np.arange(len(ids))[:, None], ids.shape)
    told = np.ones(ids.shape, np.bool_) if pad is None else ids != pad
    np.add.at(counts, (rows[told], columns[told].astype(np.int64)), 1.0)
    return counts


def _averaged(values: Float32) -> Float32:
    """Means over blocks of the last two axes; of one axis, if the others alone are too many."""
    shape = values.shape
    planes = int(np.prod(shape[1:-2])) if len(shape) > 2 else WIDTH + 1
    if planes > WIDTH:
        values = values.reshape(len(values), 1, -1)
        planes = 1
    else:
        values = values.reshape(len(values), planes, *shape[-2:])
    block = next(size for size in count(1) if planes * _cells(values.shape[2:], size) <= WIDTH)
    for axis in range(2, values.ndim):
        values = np.stack(list(_blocks(values, axis, block)), axis=axis)
    return values


def _cells(shape: tuple[int, ...], block: int) -> int:
    return int(np.prod([-(-length // block) for length in shape]))


def _blocks(values: Float32, axis: int, block: int) -> Iterator[Float32]:
    """The mean over each block of this axis; the last block may be smaller."""
    length = values.shape[axis]
    for start in range(0, length, block):
        part = np.take(values, np.arange(start, min(start + block, length)), axis=axis)
        yield part.mean(axis=axis, dtype=np.float32)
