from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.privacy.loss_traces import vulnerability


def test_it_is_the_interquartile_range_of_each_sample() -> None:
    loss = np.array([[4.0, 1.0], [3.0, 1.0], [2.0, 1.0], [1.0, 1.0], [0.0, 1.0]], np.float32)
    assert vulnerability(loss) == pytest.approx([2.0, 0.0])


def test_epochs_that_did_not_present_a_sample_are_left_out() -> None:
    gap = np.nan
    loss = np.array([[4.0], [gap], [3.0], [2.0], [gap], [1.0], [0.0]], np.float32)
    assert vulnerability(loss) == pytest.approx([2.0])


def test_too_few_epochs_give_no_figure() -> None:
    loss = np.array([[4.0, 1.0], [3.0, np.nan], [2.0, 1.0], [1.0, 1.0]], np.float32)
    found = vulnerability(loss)
    assert np.isfinite(found[0])
    assert np.isnan(found[1])
