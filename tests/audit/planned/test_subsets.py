"""The planned chances of slices and of the attribute against simulated samples."""

from __future__ import annotations

import numpy as np

from sc_deploy.audit.planned.demand import Assumptions, Demand
from sc_deploy.audit.planned.planner import least
from sc_deploy.audit.planned.subsets import Makeup, Subset, demands, equal
from sc_deploy.policy import Policy, Slices
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.balanced_change import BalancedChange

DRAWS = 400
ONE = Policy(name="one", attacks=("loss",), slices=Slices(auc=0.6, required=True), attribute=0.03)


def demand(makeup: Makeup, name: str, assumed: Assumptions | None = None) -> Demand:
    found = demands(ONE, assumed or Assumptions(), makeup)
    return next(one for one in found if name in one.name)


def needed(planned: Demand) -> int:
    n = least(lambda n: planned.passes((n, n)) >= 0.9)
    assert n is not None
    return n


def test_a_rare_class_decides_how_many_are_needed() -> None:
    rare = Makeup((Subset("class a", 0.9, 0.9), Subset("class b", 0.1, 0.1)))
    even, uneven = (needed(demand(made, "AUC")) for made in (equal(2), rare))
    assert uneven > 3 * even


def test_a_slice_with_fewer_than_are_reported_never_passes() -> None:
    assert demand(equal(10), "AUC").passes((499, 499)) == 0.0
    empty = Makeup((Subset("class a", 1.0, 0.9), Subset("class b", 0.0, 0.1)))
    assert demand(empty, "AUC").passes((10**6, 10**6)) == 0.0


def test_the_planned_slices_pass_as_often_as_promised() -> None:
    """Four classes without a leak: the bound of each below the limit."""
    planned = demand(equal(4), "AUC")
    n = needed(planned)
    rng = np.random.default_rng(5)
    passed = 0
    for _ in range(DRAWS):
        sides = rng.normal(size=(4, 2, n // 4))
        passed += all(auc(*sides[k]).rate(0.9).high < ONE.slices.auc for k in range(4))  # type: ignore[operator]
    # 400 draws of a chance of .9 vary by .015.
    assert 0.86 <= passed / DRAWS <= 0.96


def test_the_planned_samples_show_that_nothing_is_told_of_the_attribute() -> None:
    """Guesses that answers change without gain, in two values of which one is rare."""
    values = (Subset("group 0", 0.8, 0.8), Subset("group 1", 0.2, 0.2))
    assumed = Assumptions(attribute=0.2)
    planned = demand(Makeup(equal(1).classes, values), "attribute", assumed)
    n = needed(planned)
    rng = np.random.default_rng(6)
    passed = 0
    for _ in range(DRAWS):
        groups = []
        for value in values:
            before = rng.random(sum(value.of((n, n)))) < 0.5
            groups.append((before, before ^ (rng.random(len(before)) < 0.2)))
        passed += BalancedChange(tuple(groups)).rate(0.9).high < (ONE.attribute or 0.0)
    assert 0.86 <= passed / DRAWS <= 0.96
