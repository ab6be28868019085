from __future__ import annotations

import pytest
from pydantic import ValidationError

from sc_deploy.policy import Absolute, Accuracy, Relative, TprLimit, medium, small


@pytest.mark.parametrize("limit", [0.0, 0.5, 1.0])
def test_an_auc_limit_that_no_file_can_keep_or_break_is_refused(limit: float) -> None:
    with pytest.raises(ValidationError):
        Absolute(auc=limit)


@pytest.mark.parametrize("limit", [0.0, 0.01, 1.0])
def test_a_tpr_limit_that_no_file_can_keep_or_break_is_refused(limit: float) -> None:
    with pytest.raises(ValidationError):
        Absolute(tpr=(TprLimit(fpr=0.01, limit=limit),))


@pytest.mark.parametrize("margin", [0.0, 1.0])
def test_a_margin_that_no_file_can_keep_or_break_is_refused(margin: float) -> None:
    for refused in (
        lambda: Relative(auc=margin),
        lambda: Relative(quantization_auc=margin),
        lambda: Accuracy(conversion_loss=margin),
        lambda: Accuracy(compression_loss=margin),
    ):
        with pytest.raises(ValidationError):
            refused()


def test_a_rate_without_a_limit_is_shown_only() -> None:
    assert Absolute(tpr=(TprLimit(fpr=0.001, limit=None),)).tpr[0].limit is None


def test_the_policy_for_more_members_is_the_stricter_one() -> None:
    assert medium().absolute.auc < small().absolute.auc
    assert medium().accuracy.conversion_loss < small().accuracy.conversion_loss
