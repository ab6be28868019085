"""How often have these audit samples been scored, and does a PASS still mean what it says?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from sc_deploy.contracts import Check

TOPIC = Topic("audit samples are not worn out", VALIDITY)
FRESH: Final = 10


def reuse(looks: int, most: int) -> Check:
    """Whoever changes a model after each look until it passes has fitted it to these samples.

    Beyond ten looks that is said; beyond the policy's `most_looks` it gates.
    """
    told = f"they were scored {looks} time{'s' if looks > 1 else ''}, this time included"
    if looks > most:
        return TOPIC.undecided(
            Cause.DETECTOR_FAILED,
            f"{told}; the policy allows {most}",
            "draw the roles anew with another roles key, train again, and audit once",
        )
    if looks > FRESH:
        told += "; with every look a PASS by chance, or by choice, becomes likelier"
    return TOPIC.passed(told)
