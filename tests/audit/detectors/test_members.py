from __future__ import annotations

import pytest

from sc_deploy.audit.detectors.members import members
from sc_deploy.contracts import Cause, Outcome


@pytest.mark.parametrize(
    ("brought", "declared", "outcome"),
    [
        (False, False, Outcome.PASS),
        (True, True, Outcome.PASS),
        (True, False, Outcome.INCONCLUSIVE),
    ],
)
def test_weights_that_nobody_declared_the_members_of_do_not_pass(
    brought: bool, declared: bool, outcome: Outcome
) -> None:
    check = members(brought_weights=brought, declared=declared)
    assert check.outcome is outcome
    assert check.cause is (None if outcome is Outcome.PASS else Cause.EVIDENCE_MISSING)
