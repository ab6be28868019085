from __future__ import annotations

from typing import Any

import numpy as np

from sc_deploy.privacy.attacks.boundary import BoundaryAttack

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_samples_that_were_not_measured_are_left_out(game: Any) -> None:
    round_ = game(1.0, audit=200)
    members, others = BoundaryAttack().fit(round_.calibration, seed=0).evaluate(round_.audit)
    assert (len(members), len(others)) == (180, 180)
    np.testing.assert_array_equal(members, round_.audit.known[0].distance[:180])
