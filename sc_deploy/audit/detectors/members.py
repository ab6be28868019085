"""Is every sample that the model was trained on known to be a member?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from sc_deploy.contracts import Check

TOPIC = Topic("all members are known", VALIDITY)


def members(*, brought_weights: bool, declared: bool) -> Check:
    if not brought_weights:
        return TOPIC.passed("training began from random weights, so the roles name every member")
    if declared:
        return TOPIC.passed(
            "members were drawn from what the model is declared to have been trained on, everyone "
            "else from what it is declared never to have seen"
        )
    return TOPIC.undecided(
        Cause.EVIDENCE_MISSING,
        "training began from brought weights, and whoever made them may have trained on samples "
        "that pose as non-members here, which would hide a leak",
        "declare what they were trained on in roles.declared_members, or train from random "
        "weights: remove network.weights from the recipe",
    )
