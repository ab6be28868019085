"""What the strongest attack's calls are worth where members are rare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.privacy.statistics.predictive_value import PRIORS, ppv_rate
from sc_deploy.report import subjects

if TYPE_CHECKING:
    from sc_deploy.contracts import Rate, Report

__all__ = ["PRIORS", "Calls", "calls"]


@dataclass(frozen=True, slots=True)
class Calls:
    """How often a call is right, one rate for each of `PRIORS`, at one false-positive rate."""

    attack: str
    fpr: float
    values: tuple[Rate, ...]


def calls(report: Report) -> tuple[Calls, ...]:
    """For each rate that was resolved, of the attack that finds most members there."""
    subject = subjects.artifact(report)
    found = []
    for fpr in subjects.rates(subject.attacks if subject else ()):
        resolved = [
            (result.attack, point.rate)
            for result in (subject.attacks if subject else ())
            if (point := subjects.point(result, fpr)) and point.rate
        ]
        if resolved:
            attack, tpr = max(resolved, key=lambda pair: pair[1].value)
            values = tuple(ppv_rate(tpr, fpr=fpr, prior=prior) for prior in PRIORS)
            found.append(Calls(attack, fpr, values))
    return tuple(found)
