"""How many weights may each layer keep?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Protocol

from sc_deploy.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    Shapes = Mapping[str, tuple[int, ...]]


class Distribution(Protocol):
    """Shares `total` weights among layers; the shares are not yet whole numbers."""

    def __call__(self, shapes: Shapes, total: float) -> dict[str, float]: ...


def uniform(shapes: Shapes, total: float) -> dict[str, float]:
    """The same density in every layer."""
    density = total / _size(shapes)
    return {name: density * math.prod(shape) for name, shape in shapes.items()}


def erk(shapes: Shapes, total: float) -> dict[str, float]:
    """Erdos-Renyi kernel: a layer keeps in proportion to the sum of its dimensions.

    A layer that would keep more weights than it has is made dense, and the others share the
    rest (Evci et al. 2020, "Rigging the Lottery", section 3 and appendix). Density of a layer
    is thus proportional to (n_in + n_out + height + width) / (n_in n_out height width).
    """
    dense: dict[str, float] = {}
    rest = dict(shapes)
    while rest:
        scale = (total - sum(dense.values())) / sum(sum(shape) for shape in rest.values())
        full = [name for name, shape in rest.items() if scale * sum(shape) >= math.prod(shape)]
        if not full:
            break
        dense |= {name: float(math.prod(rest.pop(name))) for name in full}
    shares = dense | {name: scale * sum(shape) for name, shape in rest.items()}
    return {name: shares[name] for name in shapes}


DISTRIBUTIONS: Final[Mapping[str, Distribution]] = {"erk": erk, "uniform": uniform}


def allocate(shapes: Shapes, *, density: float, distribution: str) -> dict[str, int]:
    """Weights that each layer keeps; they add up to exactly round(density * all weights).

    Raises UsageError, naming every layer that would be left without a single weight.
    """
    total = round(density * _size(shapes))
    share = DISTRIBUTIONS[distribution]
    counts = _whole(share(shapes, total), shapes, total)
    starved = [name for name, count in counts.items() if count == 0]
    if starved:
        raise _cannot_be_met(starved, share(shapes, density * _size(shapes)), density)
    return counts


def _whole(shares: Mapping[str, float], shapes: Shapes, total: int) -> dict[str, int]:
    """Round down, then give what is left to the largest remainders; ties go to earlier layers."""
    counts = {name: math.floor(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: counts[name] - shares[name])
    left = total - sum(counts.values())
    for name in by_remainder:
        if left > 0 and counts[name] < math.prod(shapes[name]):
            counts[name] += 1
            left -= 1
    return counts


def _cannot_be_met(starved: list[str], shares: Mapping[str, float], density: float) -> UsageError:
    needed = {name: density / shares[name] for name in starved}
    problems = tuple(
        Problem(
            f"layer {name}",
            f"would keep no weight at all ({shares[name]:.3g} of one)",
            f"it needs a density of about {need:.2g}",
        )
        for name, need in needed.items()
    )
    return UsageError(
        f"sparse.density {density:g} cannot be met",
        remedy=f"raise sparse.density to about {max(needed.values()) * 1.1:.2g} or more",
        problems=problems,
    )


def _size(shapes: Shapes) -> int:
    return sum(math.prod(shape) for shape in shapes.values())
