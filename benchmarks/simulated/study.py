"""What is simulated, how often it erred, and whether its promise is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Rng = np.random.Generator


@dataclass(frozen=True)
class Study:
    """`errs` draws once and says whether the procedure erred (or passed, for `at_least`).

    `promised` is the most, or where `at_least` the least, share of draws.
    """

    name: str
    setting: str
    promised: float
    draws: int
    errs: Callable[[Rng], float]
    at_least: bool = False


@dataclass(frozen=True)
class Row:
    name: str
    setting: str
    promised: str
    measured: float
    draws: int
    kept: bool


def run(study: Study, *, scale: float, seed: int) -> Row:
    """A promise is broken beyond three standard errors of the simulation itself."""
    draws = max(10, round(scale * study.draws))
    rng = np.random.default_rng([seed, *study.name.encode(), *study.setting.encode()])
    measured = float(np.mean([study.errs(rng) for _ in range(draws)]))
    slack = 3.0 * math.sqrt(study.promised * (1.0 - study.promised) / draws)
    kept = (
        measured >= study.promised - slack if study.at_least else measured <= study.promised + slack
    )
    promised = f"{'≥' if study.at_least else '≤'} {study.promised:g}"
    return Row(study.name, study.setting, promised, measured, draws, kept)
