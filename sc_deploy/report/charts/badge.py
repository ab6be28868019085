"""The sign of a verdict: four shapes that differ without their colours."""

from __future__ import annotations

from typing import Final

from sc_deploy.contracts import Outcome
from sc_deploy.report import svg

SIZE: Final = 48.0
OUTLINES: Final = {
    Outcome.PASS: "M24 2a22 22 0 1 1 0 44a22 22 0 1 1 0-44z",
    Outcome.FAIL: "M15 2h18l13 13v18l-13 13h-18l-13-13v-18z",
    Outcome.INCONCLUSIVE: "M24 4.500a19.500 19.500 0 1 1 0 39a19.500 19.500 0 1 1 0-39z",
    Outcome.INVALID: "M24 3l23 41h-46z",
}
SIGNS: Final = {
    Outcome.PASS: "M14 25l7 7l13-15",
    Outcome.FAIL: "M16 16l16 16m0-16l-16 16",
    Outcome.INCONCLUSIVE: "M17.500 19c0-8.500 13-8.500 13-.5c0 5-6.500 5-6.500 10.500m0 6v.1",
    Outcome.INVALID: "M24 18v13m0 6.500v.1",
}


def badge(outcome: Outcome) -> str:
    """Check in a disc, cross in an octagon, question in an open ring, exclamation in a triangle."""
    kind = "open" if outcome is Outcome.INCONCLUSIVE else "filled"
    drawn = [
        svg.element("path", {"d": OUTLINES[outcome], "class": f"badge-{kind}"}),
        svg.element("path", {"d": SIGNS[outcome], "class": f"badge-sign on-{kind}"}),
    ]
    return svg.picture((SIZE, SIZE), str(outcome), drawn)
