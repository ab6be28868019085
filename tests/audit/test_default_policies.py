from __future__ import annotations

from pathlib import Path

import pytest

from sc_deploy import userfile
from sc_deploy.policy import Policy, Relative, medium, plain, small

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.mark.parametrize("policy", [small(), medium(), plain()], ids=lambda policy: policy.name)
def test_the_committed_file_is_the_default(policy: Policy) -> None:
    path = POLICIES / f"{policy.name}.yaml"
    assert userfile.load(path, Policy) == policy


def test_the_medium_policy_is_nowhere_laxer_than_the_small_one() -> None:
    lax, strict = small(), medium()
    assert isinstance(lax.relative, Relative)
    assert isinstance(strict.relative, Relative)
    assert strict.absolute.auc < lax.absolute.auc
    assert strict.relative.auc < lax.relative.auc
    assert strict.accuracy.conversion_loss < lax.accuracy.conversion_loss
    assert strict.min_audit_samples > lax.min_audit_samples
