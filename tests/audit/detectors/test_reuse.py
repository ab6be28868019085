from __future__ import annotations

import pytest

from sc_deploy.audit.detectors.reuse import reuse
from sc_deploy.contracts import Cause, Outcome


@pytest.mark.parametrize(("looks", "warned"), [(1, False), (10, False), (11, True), (100, True)])
def test_many_looks_are_told_before_they_gate(looks: int, warned: bool) -> None:
    check = reuse(looks, 100)
    assert check.outcome is Outcome.PASS
    assert f"scored {looks} time" in check.reason
    assert ("likelier" in check.reason) is warned


def test_more_looks_than_the_policy_allows_gate() -> None:
    check = reuse(4, 3)
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert check.required
    assert "allows 3" in check.reason
    assert "anew" in check.remedy
