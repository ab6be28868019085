"""From a value to its place on an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Linear:
    """Maps [low, high] to [start, end]; values outside land on the nearer end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        part = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + min(1.0, max(0.0, part)) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Log:
    """Maps [low, high], both above 0, to [start, end] by decades; 0 lands on the low end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return self.start + min(1.0, part) * (self.end - self.start)

    def decades(self) -> tuple[float, ...]:
        first, last = (round(math.log10(end)) for end in (self.low, self.high))
        return tuple(10.0**power for power in range(first, last + 1))


def ticks(low: float, high: float, *, about: int = 5) -> tuple[float, ...]:
    """Round numbers within [low, high], near `about` of them: steps of 1, 2 or 5 times 10^k."""
    if high <= low:
        return (low,)
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(round(number * step, 12) for number in range(first, last + 1))


def around(values: list[float], *, margin: float = 0.08) -> tuple[float, float]:
    """A domain that holds all values with a little air; a lone value gets some of its own."""
    low, high = min(values), max(values)
    air = (high - low) * margin or max(abs(high) * margin, 0.01)
    return low - air, high + air
