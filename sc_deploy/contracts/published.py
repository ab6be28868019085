"""A figure as the paper behind an attack reports it, where that is too good to be evidence."""

from __future__ import annotations

from dataclasses import dataclass

from sc_deploy.contracts.measurement import Rate


@dataclass(frozen=True, slots=True)
class Published:
    """The attack accuracy on one subject by the paper's own protocol; it never gates.

    `fault` says in words why it is not evidence: the interval knows nothing of that.
    """

    subject: str
    attack: str
    accuracy: Rate
    fault: str
