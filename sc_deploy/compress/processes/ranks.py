"""Which of several processes is this one, and how do all of them come to one result?"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import numpy as np
import torch
from torch import distributed

from sc_deploy.errors import CompressionError, ProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sc_deploy.contracts.arrays import Int64

T = TypeVar("T")
FOUND: Final = b"\x00"
FAILED: Final = b"\x01"
SHARDED: Final = "ACCELERATE_USE_FSDP"
"""Of the environment, as `accelerate launch --use_fsdp` sets it."""


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How a value travels: as bytes, and never as a pickle. `decode` undoes `encode`."""

    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]


PLAIN: Final[Codec[bytes]] = Codec(bytes, bytes)


@dataclass(frozen=True, slots=True)
class Ranks:
    """Process `index` of `count` that run the same command, step by step side by side.

    On its machine it is number `local`, and so is its GPU. `sharded` processes hold one network
    together, in shards, where others hold copies of it. Every method that exchanges something
    must be called by all of them, in the same order. It raises ProcessError if another process
    ended or failed meanwhile. Alone, all of them are free.
    """

    index: int = 0
    count: int = 1
    local: int = 0
    sharded: bool = False

    @property
    def alone(self) -> bool:
        return self.count == 1

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.index == 0

    @property
    def lot(self) -> tuple[int, ...]:
        """What to add to a seed where processes must draw unlike numbers."""
        return () if self.first else (self.index,)

    def share(self, rows: Int64) -> Int64:
        """This process's contiguous share of rows; the shares in order of `index` are `rows`."""
        return rows if self.alone else np.array_split(rows, self.count)[self.index]

    def add(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Put the sum over all processes into each tensor, in place and the same everywhere."""
        if not self.alone:
            for name in sorted(tensors):
                # Only contiguous tensors travel, and gradients may be channels-last.
                whole = tensors[name].contiguous()
                with _side_by_side():
                    distributed.all_reduce(whole)
                tensors[name].copy_(whole)

    def shared(self, owner: int, make: Callable[[], T], codec: Codec[T]) -> T:
        """What `make` gives in the process `owner`, the only one to call it.

        Its CompressionError is raised in all of them.
        """
        if self.alone:
            return make()
        mine = _attempt(make, codec) if self.index == owner else None
        return _read(self._sent(owner, mine), codec)

    def agreed(self, make: Callable[[], T], codec: Codec[T]) -> T:
        """What `make` gives in the first process, where it asks a network that they all have.

        A network in shards answers none of them alone: then all call it. CompressionErrors are
        as with `shared`.
        """
        if self.alone or not self.sharded:
            return self.shared(0, make, codec)
        mine = _attempt(make, codec)
        return _read(self._sent(0, mine if self.first else None), codec)

    def spread(self, tasks: Sequence[Callable[[], T]], codec: Codec[T]) -> list[T]:
        """What all tasks give, each done by the process `owner` says.

        The first CompressionError in their order is raised in all processes.
        """
        if self.alone:
            return [task() for task in tasks]
        mine = {
            at: _attempt(task, codec)
            for at, task in enumerate(tasks)
            if self.owner(at) == self.index
        }
        sent = [self._sent(self.owner(at), mine.get(at)) for at in range(len(tasks))]
        return [_read(content, codec) for content in sent]

    def owner(self, task: int) -> int:
        """Who does a task of `spread`: they take turns."""
        return task % self.count

    def differing(self, content: bytes) -> bool:
        """Whether these bytes differ from the first process's anywhere; the same answer in all."""
        if self.alone:
            return False
        differs = torch.tensor([int(self._sent(0, content if self.first else None) != content)])
        self.add({"differs": differs})
        return bool(differs.item())

    def _sent(self, owner: int, content: bytes | None) -> bytes:
        """The bytes of the process `owner`, which alone has any."""
        size = torch.tensor([0 if content is None else len(content)])
        with _side_by_side():
            distributed.broadcast(size, owner)
            if content is not None:
                buffer = torch.frombuffer(bytearray(content), dtype=torch.uint8)
            else:
                buffer = torch.empty(int(size), dtype=torch.uint8)
            distributed.broadcast(buffer, owner)
        return buffer.numpy().tobytes()


ALONE: Final = Ranks()


def current() -> Ranks:
    """The processes that torch's process group joins; ALONE where there is none."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return ALONE
    local = int(os.environ.get("LOCAL_RANK", "0"))
    sharded = os.environ.get(SHARDED, "").lower() == "true"
    return Ranks(distributed.get_rank(), distributed.get_world_size(), local, sharded)


@contextmanager
def connected() -> Iterator[None]:
    """Raise ProcessError where an exchange that torch makes by itself finds another process gone.

    A network in shards makes such exchanges whenever it computes.
    """
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, distributed.DistError) or "gloo" in str(error):
            raise _gone() from error
        raise


def _attempt(make: Callable[[], T], codec: Codec[T]) -> bytes:
    try:
        return FOUND + codec.encode(make())
    except CompressionError as error:
        return FAILED + json.dumps([error.what, error.remedy]).encode()


def _read(content: bytes, codec: Codec[T]) -> T:
    if content[:1] == FAILED:
        what, remedy = json.loads(content[1:])
        raise CompressionError(what, remedy=remedy)
    return codec.decode(content[1:])


@contextmanager
def _side_by_side() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        # Whatever torch says of sockets here, it comes of a process that is not there any more.
        raise _gone() from error


def _gone() -> ProcessError:
    return ProcessError(
        "another process of this command ended or failed",
        remedy="see what it said, and its exit code at the end of the launcher's output; "
        "then run the same command with --resume",
    )
