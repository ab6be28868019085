"""The median of repeated timings, with an interval that assumes no distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from sc_deploy.contracts import Rate
from sc_deploy.errors import InferenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIDENCE = 0.95


def median(times: Sequence[float]) -> Rate:
    """Median and the narrowest symmetric pair of order statistics that covers it.

    The number of timings below the median is Binomial(n, 1/2), so [x(k), x(n+1-k)] covers it
    with probability 1 - 2 P(B < k) (Hettmansperger & McKean, Robust Nonparametric Statistical
    Methods, 2nd ed., section 1.3). Below 6 timings even [min, max] covers less than 95 %; then
    `confidence` says how much. Raises InferenceError unless all times are finite and positive.
    """
    ordered = np.sort(np.asarray(times, dtype=np.float64))
    n = ordered.size
    if n == 0 or not (np.isfinite(ordered).all() and ordered[0] >= 0.0):
        raise InferenceError(
            f"the runtime reported {n} latencies, or some that are not times",
            remedy="this is a fault of the bundle's runner; report it to who wrote the format",
        )
    k = max(1, int(binom.ppf((1.0 - CONFIDENCE) / 2.0, n, 0.5)))
    covered = 1.0 - 2.0 * float(binom.cdf(k - 1, n, 0.5))
    low, high = float(ordered[k - 1]), float(ordered[n - k])
    return Rate(float(np.median(ordered)), low, high, n, min(CONFIDENCE, max(0.0, covered)))
