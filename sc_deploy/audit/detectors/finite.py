"""Is every answer a number?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit.pairing import are_finite
from sc_deploy.audit.topic import VALIDITY, Topic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Check, Predictions, Role

TOPIC = Topic("answers are finite", VALIDITY)


def finite(answers: Mapping[Role, Predictions]) -> Check:
    if are_finite(answers):
        return TOPIC.passed("every answer is a finite number")
    bad = sum(int((~np.isfinite(given.logits)).any(axis=1).sum()) for given in answers.values())
    n = sum(len(given.labels) for given in answers.values())
    return TOPIC.invalid(
        f"the artifact answers {bad} of {n} samples with values that are not finite",
        "export it again in a wider precision, and look at the conversion's log",
    )
