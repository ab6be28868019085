"""Does every label name one of the artifact's classes?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.topic import VALIDITY, Topic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Check, Predictions, Role

TOPIC = Topic("labels are in range", VALIDITY)


def labels(answers: Mapping[Role, Predictions]) -> Check:
    if any(given.logits.shape[1] < 2 for given in answers.values()):
        return TOPIC.invalid(
            "the artifact knows fewer than two classes, so its answers say nothing",
            "adapt a single logit z to the two logits -z/2 and z/2",
        )
    bad = sum(
        int(((given.labels < 0) | (given.labels >= given.logits.shape[1])).sum())
        for given in answers.values()
    )
    if not bad:
        return TOPIC.passed("every label names one of the artifact's classes")
    return TOPIC.invalid(
        f"{bad} labels name a class that the artifact does not have",
        "audit with the task that the model was made for",
    )
