"""Whether the answers are the file's own, or numbers that somebody handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from sc_deploy.contracts import Check

ORIGIN: Final = Topic("the file itself was asked", VALIDITY)


def asked(*, self_supplied: bool) -> Check:
    """Numbers that somebody hands in may be of any model, so they never let one ship."""
    if not self_supplied:
        return ORIGIN.passed("the answers come from running the file here")
    return ORIGIN.undecided(
        Cause.NOT_EXECUTED,
        "these predictions were made elsewhere and handed in, so nobody here saw which file "
        "answered; such evidence can refuse a release and never let one pass",
        "audit the file itself: scdeploy audit --artifact model.onnx …",
    )
