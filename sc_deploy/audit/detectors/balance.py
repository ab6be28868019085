"""Have members and non-members the same mix of labels?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from sc_deploy.audit.detectors.confidence import DETECTOR_CONFIDENCE
from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.questions import percent
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.units import one_of_each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Check, Predictions, Role
    from sc_deploy.contracts.arrays import Int64

TOPIC = Topic("both sides have the same mix of labels", VALIDITY)
# The chi-squared approximation wants about five expected in each cell.
FEWEST: Final = 10
MOST_MOVED: Final = 0.05


def balance(
    answers: Mapping[Role, Predictions],
    units: Mapping[Role, Int64] | None = None,
    *,
    seed: int = 0,
) -> Check:
    """A chi-squared test of audit labels, classes with fewer than ten samples taken together.

    Some classes are answered more surely than others, so that a side with more of them looks
    more like members, or less. The figures are not reweighted: that would change the samples
    they speak of after they were seen. Of samples that come in `units` one of each is counted:
    a person's records tend to have one label.
    """
    labels = {role: answers[role].labels for role in AUDIT}
    for role, unit in (units or {}).items():
        if role in labels:
            labels[role] = labels[role][one_of_each(unit, seed=seed)]
    counts = _counts(*labels.values())
    first, second = counts / counts.sum(axis=1, keepdims=True)
    moved = 0.5 * float(np.abs(first - second).sum())
    # With a single class there is nothing to compare, and no degree of freedom.
    p = float(stats.chi2_contingency(counts).pvalue) if counts.shape[1] > 1 else 1.0
    told = f"{percent(moved)} of one side would need another label to match the other"
    if p < 1.0 - DETECTOR_CONFIDENCE and moved > MOST_MOVED:
        return TOPIC.undecided(
            Cause.DETECTOR_FAILED,
            f"{told}, more than chance explains",
            "draw as many of each class among members as among non-members",
        )
    return TOPIC.passed(f"{told}; chance explains that" if p >= 0.05 else told)


def _counts(members: Int64, others: Int64) -> Int64:
    """int64 [2, classes], rare classes in one column."""
    classes, codes = np.unique(np.concatenate([members, others]), return_inverse=True)
    found = np.stack(
        [
            np.bincount(side, minlength=len(classes))
            for side in (codes[: len(members)], codes[len(members) :])
        ]
    )
    rare = found.sum(axis=0) < FEWEST
    if not rare.any():
        return found
    return np.concatenate([found[:, ~rare], found[:, rare].sum(axis=1, keepdims=True)], axis=1)
