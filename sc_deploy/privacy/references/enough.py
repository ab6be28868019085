"""Are there references enough for a scorer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

MOST: Final = 0.5
"""The share of samples that must have them; the others are filled in (`filling`)."""


@dataclass(frozen=True, slots=True)
class Least:
    """How many references a sample needs that were not trained on it, and that were."""

    outside: int
    inside: int = 0

    def met(self, inside: NDArray[np.bool_]) -> float:
        """The share of samples, columns of `inside` bool [K, N], that have them."""
        trained = inside.sum(axis=0)
        enough = (trained >= self.inside) & (len(inside) - trained >= self.outside)
        return float(enough.mean()) if len(enough) else 0.0

    def lacking(self, tables: Sequence[NDArray[np.bool_]]) -> str:
        """What is missing in words, judged by the worst of the tables; empty if nothing is."""
        share = min(self.met(inside) for inside in tables)
        if share >= MOST:
            return ""
        return f"{self} for most samples ({share:.0%} have them)"

    def __str__(self) -> str:
        outside = f"{_models(self.outside)} not trained on a sample"
        if not self.inside:
            return outside
        return f"{outside} and {_models(self.inside)} trained on it"


def _models(n: int) -> str:
    return f"{n} reference model{'s' if n > 1 else ''}"
