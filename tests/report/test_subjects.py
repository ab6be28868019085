from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.report import subjects

if TYPE_CHECKING:
    from sc_deploy.contracts import Report


def test_the_strongest_attack_has_the_largest_auc(failing: Report) -> None:
    found = subjects.strongest(subjects.artifact(failing))
    assert found is not None
    assert found.attack == "modified-entropy"


def test_no_audit_has_no_subjects(unexecuted: Report) -> None:
    assert subjects.artifact(unexecuted) is None
    assert subjects.strongest(None) is None


def test_the_limit_is_that_of_the_figure_and_not_of_one_with_the_same_value(
    passing: Report,
) -> None:
    assert subjects.limit(passing, "loss", "AUC", change=False) == 0.55
    assert subjects.limit(passing, "loss", "AUC", change=True) == 0.015
    assert subjects.limit(passing, "unknown", "AUC", change=False) is None


def test_rates_come_largest_first_and_once(passing: Report) -> None:
    found = subjects.artifact(passing)
    assert found is not None
    assert subjects.rates(found.attacks) == (0.01, 0.001)


def test_a_check_in_both_lists_is_shown_once(broken: Report) -> None:
    names = [check.name for check in subjects.checks(broken)]
    assert names == ["answers are finite", "top-1 answers agree with the source"]


def test_validity_comes_before_the_gate(passing: Report) -> None:
    kinds = [check.kind for check in subjects.checks(passing)]
    assert kinds == sorted(kinds, key=["validity", "parity", "absolute", "relative"].index)
