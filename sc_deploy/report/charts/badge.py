"""The sign of a verdict: four shapes that differ without their colours."""

from __future__ import annotations

from typing import Final

from sc_deploy.contracts import Outcome
from sc_deploy.report import svg

SIZE: Final = 48.0
OUTLINES: Final = {
    Outcome.PASS: "M24 2a22 22 0 1 1 0 44a22 22 0 1 1 0-44z",
    Outcome.FAIL: "M15 2h18l13 13v18l-13 13h-18l-13-13v-18z",
    Outcome.INCONCLUSIVE: "M24 1l23 23l-23 23l-23-23z",
    Outcome.INVALID: "M24 3l23 41h-46z",
}
SIGNS: Final = {
    Outcome.PASS: "M14 25l7 7l13-15",
    Outcome.FAIL: "M16 16l16 16m0-16l-16 16",
    Outcome.INCONCLUSIVE: "M18.5 19.5c0-8 11.5-7.5 11.5-.8c0 4.300-5.800 4.600-5.800 9.300m0 6v.1",
    Outcome.INVALID: "M24 18v13m0 6.500v.1",
}


def badge(outcome: Outcome) -> str:
    """Check in a disc, cross in an octagon, question in a diamond, exclamation in a triangle."""
    drawn = [
        svg.element("path", {"d": OUTLINES[outcome], "class": "badge-outline"}),
        svg.element("path", {"d": SIGNS[outcome], "class": "badge-sign"}),
    ]
    return svg.picture((SIZE, SIZE), str(outcome), drawn)
