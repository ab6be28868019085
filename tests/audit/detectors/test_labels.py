from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sc_deploy.audit.detectors.labels import labels
from sc_deploy.contracts import Outcome, Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.mark.parametrize("label", [-1, 10])
def test_a_label_beyond_the_classes_is_invalid(given: Any, label: int) -> None:
    given.artifact[Role.MEMBER_AUDIT].labels[0] = label
    assert labels(given.artifact).outcome is Outcome.INVALID


def test_a_model_of_one_class_is_invalid(given: Any) -> None:
    lone = {
        role: replace(found, logits=found.logits[:, :1]) for role, found in given.artifact.items()
    }
    check = labels(lone)
    assert check.outcome is Outcome.INVALID
    assert "two classes" in check.reason
