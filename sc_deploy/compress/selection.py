"""Which candidate of a pool goes on?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Candidate


def choose(pool: Sequence[Candidate]) -> int:
    """Position of the candidate with the largest TM-score (MIA-SafeCompress).

    Among equals the unchanged incumbent wins, then the earlier: a switch must earn its place.
    """
    return max(
        range(len(pool)),
        key=lambda at: (pool[at].tm_score, pool[at].strategy is None, -at),
    )


def mark_chosen(pool: Sequence[Candidate], at: int) -> tuple[Candidate, ...]:
    """The pool with `chosen` true at one position and false at all others."""
    return tuple(replace(entry, chosen=number == at) for number, entry in enumerate(pool))


def beats(challenger: Candidate, best: Candidate) -> bool:
    """Whether a later state takes the place of the best so far; a draw keeps the earlier."""
    return challenger.tm_score > best.tm_score
