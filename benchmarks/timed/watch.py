"""How long has it taken, by the clock and by the processor?"""

from __future__ import annotations

import time
from dataclasses import dataclass

Measured = dict[str, float]
Part = dict[str, Measured]


@dataclass(frozen=True, slots=True)
class Watch:
    """Wall and CPU seconds since it was made."""

    wall: float
    cpu: float

    @classmethod
    def start(cls) -> Watch:
        return cls(time.perf_counter(), time.process_time())

    def read(self, **more: float) -> Measured:
        wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        return {"seconds": wall, "cpu": cpu, **more}
