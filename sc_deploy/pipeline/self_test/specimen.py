"""What is planted, what must be found, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.pipeline.self_test.laboratory import Laboratory


@dataclass(frozen=True, slots=True)
class Observation:
    """What came out of an examination, in words, and whether it is what must come out."""

    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Specimen:
    """One planted truth. `missing` names what its examination needs and this machine lacks."""

    name: str
    planted: str
    expected: str
    examine: Callable[[Laboratory], Observation]
    missing: Callable[[], tuple[str, ...]] = tuple


@dataclass(frozen=True, slots=True)
class Trial:
    """One examined specimen. `holds` is None where it was skipped, and `found` says why."""

    name: str
    planted: str
    expected: str
    found: str
    holds: bool | None
    seconds: float
