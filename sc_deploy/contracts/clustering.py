"""Whose samples were measured, where several may belong to one person or device."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clustering:
    """How many units (people, devices) the samples of each role come from.

    Every interval of such an audit takes whole units for its independent draws.
    """

    members: int
    non_members: int
    test: int
