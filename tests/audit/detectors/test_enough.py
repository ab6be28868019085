from __future__ import annotations

from typing import Any

from sc_deploy.audit.detectors.enough import enough
from sc_deploy.contracts import Cause, Outcome

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def test_too_few_samples_are_told_with_the_number_needed(given: Any) -> None:
    assert enough(given.artifact, 200).outcome is Outcome.PASS
    check = enough(given.artifact, 201)
    assert check.cause is Cause.TOO_FEW_SAMPLES
    assert "201" in check.remedy
