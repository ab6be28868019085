from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.devices import latency
from sc_deploy.errors import InferenceError


def test_twenty_timings_give_the_textbook_order_statistics() -> None:
    rate = latency.median([float(n) for n in range(1, 21)])
    # For n = 20 the tables give the 6th and the 15th value.
    assert (rate.value, rate.low, rate.high, rate.n) == (10.5, 6.0, 15.0, 20)
    assert rate.confidence == 0.95


def test_too_few_timings_say_how_little_their_interval_covers() -> None:
    rate = latency.median([1.0, 2.0, 3.0])
    assert (rate.low, rate.high) == (1.0, 3.0)
    assert rate.confidence == pytest.approx(1 - 2 * 0.5**3)


def test_the_interval_covers_the_true_median_of_a_skewed_distribution() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(2000):
        rate = latency.median(rng.exponential(size=20).tolist())
        hits += rate.low <= np.log(2) <= rate.high
    assert hits / 2000 >= 0.945


@pytest.mark.parametrize("times", [[], [1.0, float("nan")], [-1.0]])
def test_what_is_not_a_list_of_times_is_refused(times: list[float]) -> None:
    with pytest.raises(InferenceError, match="latencies"):
        latency.median(times)
