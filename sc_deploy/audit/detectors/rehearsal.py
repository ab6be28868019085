"""Samples on which the truth is known, made from those of an audit, to examine the attacks with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import AuditSet, CalibrationSet, Predictions
from sc_deploy.privacy import signals
from sc_deploy.privacy.statistics.units import known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts import Attack, Knowledge
    from sc_deploy.contracts.arrays import Float32, Float64, Int64
    from sc_deploy.privacy.statistics.units import Units

# Enough for an attack to learn what is planted, and little enough to learn it in a moment.
CALIBRATION: Final = 250
AUDITED: Final = 500


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Answers, and what is known beside them, row by row."""

    answers: Predictions
    known: Knowledge

    def take(self, rows: Int64) -> Side:
        found = self.answers
        return Side(
            Predictions(found.logits[rows], found.labels[rows], found.sample_id[rows]),
            self.known.take(rows),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """(members, non-members) to learn from, and to be examined on."""

    calibration: tuple[Side, Side]
    audit: tuple[Side, Side]

    @property
    def units(self) -> Units | None:
        """Whose samples to be examined on belong together; None where each is its own."""
        inside, outside = self.audit
        sizes = len(inside.answers.labels), len(outside.answers.labels)
        return known(inside.known, outside.known, sizes)

    def scores(self, attack: Attack, *, seed: int) -> tuple[Float64, Float64]:
        """The same code as in the audit, fitted and asked."""
        inside, outside = self.calibration
        beside = inside.known, outside.known
        fitted = attack.fit(CalibrationSet(inside.answers, outside.answers, beside), seed=seed)
        return fitted.evaluate(asked(*self.audit))


def asked(members: Side, non_members: Side) -> AuditSet:
    """Both sides as an attack is asked about them."""
    return AuditSet(members.answers, non_members.answers, (members.known, non_members.known))


def shortened(given: Rehearsal, *, seed: int) -> Rehearsal:
    """At most 250 samples a side to learn from and 500 to be examined on."""
    rng = np.random.default_rng(seed)
    first, second = (_few(side, CALIBRATION, rng) for side in given.calibration)
    third, fourth = (_few(side, AUDITED, rng) for side in given.audit)
    return Rehearsal((first, second), (third, fourth))


def permuted(given: Rehearsal, *, seed: int) -> Rehearsal:
    """Members and non-members thrown together and dealt anew: nothing is left to be found.

    Both what is learned from and what is asked are dealt. With the true sides asked, a
    threshold on the loss, which learns no direction, would find a real leak again, and a network
    fitted on chance would read it in either direction.
    """
    rng = np.random.default_rng(seed)
    return Rehearsal(_dealt(given.calibration, rng), _dealt(given.audit, rng))


def planted(given: Rehearsal) -> Rehearsal:
    """The answers of a model that would know its members by heart.

    A step is the median distance of an answer from the decision. Members' own label gains four,
    non-members' loses one, which turns about half of their right answers wrong. Reference models
    are such models too, each with members of its own. Members keep their answer on every altered
    view and lie far from where it changes, others do not.
    """
    step = _step(given.calibration)
    calibration, audit = (
        (_moved(inside, step, member=True), _moved(outside, step, member=False))
        for inside, outside in (given.calibration, given.audit)
    )
    return Rehearsal(calibration, audit)


def _few(side: Side, most: int, rng: np.random.Generator) -> Side:
    n = len(side.answers.labels)
    return side if n <= most else side.take(np.sort(rng.permutation(n)[:most]))


def _dealt(sides: tuple[Side, Side], rng: np.random.Generator) -> tuple[Side, Side]:
    pool = _joined(*sides)
    order = rng.permutation(len(pool.answers.labels))
    members = len(sides[0].answers.labels)
    return pool.take(order[:members]), pool.take(order[members:])


def _joined(first: Side, second: Side) -> Side:
    ours, theirs = first.answers, second.answers
    answers = Predictions(
        np.concatenate([ours.logits, theirs.logits]),
        np.concatenate([ours.labels, theirs.labels]),
        np.concatenate([ours.sample_id, theirs.sample_id]),
    )
    return Side(answers, first.known.join(second.known))


def _step(sides: tuple[Side, Side]) -> float:
    margins = [signals.margin(side.answers.logits, side.answers.labels) for side in sides]
    # A file that answers the same to everything has no scale of its own.
    return float(np.median(np.abs(np.concatenate(margins)))) or 1.0


def _gain(step: float, member: NDArray[np.bool_]) -> Float32:
    return np.where(member, 4.0 * step, -step).astype(np.float32)


def _moved(side: Side, step: float, *, member: bool) -> Side:
    answers, known = side.answers, side.known
    rows = np.arange(len(answers.labels))
    logits = answers.logits.copy()
    logits[rows, answers.labels] += _gain(step, np.full(len(rows), member))
    votes, distance, references = known.votes, known.distance, known.references
    if votes is not None:
        votes = np.full_like(votes, member)
    if distance is not None:
        distance = distance + (float(distance.max()) or 1.0) if member else distance / 2
    if references is not None:
        theirs = references.logits.copy()
        theirs[:, rows, answers.labels] += _gain(step, references.inside)
        references = replace(references, logits=theirs)
    return Side(
        replace(answers, logits=logits),
        replace(known, votes=votes, distance=distance, references=references),
    )
