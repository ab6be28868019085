from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sc_deploy.audit.detectors.complete import complete
from sc_deploy.audit.pairing import pair
from sc_deploy.contracts import Cause, Outcome, Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.mark.parametrize("role", [Role.TEST, Role.MEMBER_CALIBRATION, Role.NON_MEMBER_AUDIT])
@pytest.mark.parametrize("side", ["artifact", "source"])
def test_a_missing_role_is_a_gap(given: Any, role: Role, side: str) -> None:
    kept = {key: value for key, value in getattr(given, side).items() if key is not role}
    check = complete(pair(replace(given, **{side: kept})))
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.EVIDENCE_MISSING)
    assert f"the {side}'s {role}" in check.reason
