from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.finite import finite
from sc_deploy.contracts import Outcome, Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_answer_that_is_no_number_is_invalid(given: Any, bad: float) -> None:
    given.artifact[Role.TEST].logits[5, 2] = bad
    check = finite(given.artifact)
    assert check.outcome is Outcome.INVALID
    assert "1 of 900 samples" in check.reason
