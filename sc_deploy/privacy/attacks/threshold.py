"""Which score tells members from non-members best, found on calibration samples and then frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float64


def best_threshold(members: Float64, non_members: Float64) -> float:
    """The score t with the greatest balanced accuracy of "score >= t is a member".

    Of equally good ones the largest, which accuses fewest. Calling nobody a member (inf) is
    among the choices.
    """
    candidates = np.append(np.unique(np.concatenate([members, non_members])), np.inf)
    named = 1.0 - np.searchsorted(np.sort(members), candidates) / len(members)
    wrongly = 1.0 - np.searchsorted(np.sort(non_members), candidates) / len(non_members)
    advantage = (named - wrongly)[::-1]
    return float(candidates[::-1][int(advantage.argmax())])
