"""Is an attack surely worse than guessing, as one with its sign turned is?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.detectors.confidence import DETECTOR_CONFIDENCE
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.audit.scores import Scores
    from sc_deploy.contracts import Check, Rate

TOPIC = Topic("attacks point the right way", VALIDITY)


def orientation(scores: Mapping[str, Sequence[Scores]]) -> Check:
    """An attack that is surely worse than a coin has its sign wrong, or its samples swapped.

    `scores` by subject.
    """
    wrong = [
        f"the {found.attack} attack on the {subject} has AUC {rate.value:.3f} "
        f"(at most {rate.high:.3f})"
        for subject, results in scores.items()
        for found in results
        if (rate := _auc(found)).high < 0.5
    ]
    if not wrong:
        return TOPIC.passed("no attack is surely worse than guessing")
    return TOPIC.undecided(
        Cause.DETECTOR_FAILED,
        f"{'; '.join(wrong)}: worse than guessing",
        "see whether members and non-members were swapped or prepared differently",
    )


def _auc(found: Scores) -> Rate:
    return auc(found.members, found.non_members, units=found.units).rate(DETECTOR_CONFIDENCE)
