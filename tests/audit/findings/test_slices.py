"""What classes and groups are told to leak, against a truth that was planted in one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.findings.slices import LEAST, NAME, slices
from sc_deploy.audit.scores import Exposed, Scores
from sc_deploy.contracts import Excess, Knowledge, Predictions, Role, Slice
from sc_deploy.policy import Policy
from sc_deploy.policy import Slices as SlicePolicy
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.units import Units

CLASSES = 5
INSIDE, OUTSIDE = Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT


def answers(labels: Any) -> Predictions:
    n = len(labels)
    ids = np.random.default_rng(n).integers(0, 256, (n, 32), dtype=np.uint8)
    return Predictions(np.zeros((n, CLASSES), np.float32), labels.astype(np.int64), ids)


def drawn(
    each: int, *, seed: int = 0, leaky: int | None = None, by: float = 1.0
) -> tuple[Exposed, Scores]:
    """`each` members and non-members a class, whose scores differ in the leaky class alone."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(CLASSES), each)
    inside, outside = rng.normal(size=len(labels)), rng.normal(size=len(labels))
    if leaky is not None:
        inside[labels == leaky] += by
    model = Exposed({INSIDE: answers(labels), OUTSIDE: answers(labels)})
    return model, Scores("loss", 0.0, inside, outside, None)


def found(model: Exposed, scores: Scores, limit: float | None = None) -> Any:
    policy = Policy(name="p", slices=SlicePolicy(auc=limit))
    return slices(model, [scores], policy, ("a", "b", "c", "d", "e"))


def test_each_figure_is_that_of_the_samples_of_its_class_counted_pair_by_pair() -> None:
    model, scores = drawn(60, leaky=2)
    told: tuple[Slice, ...] = found(model, scores)[0]
    labels = model.answers[INSIDE].labels
    for number, one in enumerate(told):
        inside, outside = scores.members[labels == number], scores.non_members[labels == number]
        pairs = np.mean([[a > b for b in outside] for a in inside])
        assert one.auc is not None
        assert one.auc.value == pytest.approx(pairs)
        assert (one.by, one.name, one.members) == ("class", "abcde"[number], 60)


def test_only_the_class_that_leaks_survives_the_correction() -> None:
    told: tuple[Slice, ...] = found(*drawn(300, leaky=3))[0]
    surely = [one.name for one in told if one.adjusted_p is not None and one.adjusted_p < 0.01]
    assert surely == ["d"]


def test_the_worst_of_many_small_classes_looks_leaky_without_a_leak_and_is_not_called_so() -> None:
    worst, accused = [], 0
    for seed in range(60):
        told: tuple[Slice, ...] = found(*drawn(LEAST, seed=seed))[0]
        worst.append(max(one.auc.value for one in told if one.auc))
        accused += any(one.auc.low > 0.5 for one in told if one.auc)
    assert np.mean(worst) > 0.55
    assert accused <= 9  # 5 % of 60 is 3; more than 9 has a chance below .002


def test_a_class_with_fewer_than_the_least_samples_has_no_figures_and_no_counts() -> None:
    model, scores = drawn(LEAST - 1)
    told, excess = found(model, scores, limit=0.6)
    assert {one.name for one in told} == set("abcde")
    for one in told:
        assert (one.auc, one.upper, one.tpr, one.p, one.adjusted_p) == (None,) * 5
        assert (one.members, one.non_members) == (None, None)
    assert excess is None


def test_groups_are_slices_where_both_sides_know_theirs() -> None:
    model, scores = drawn(100, leaky=0, by=2.0)
    group = (np.arange(500) < 100).astype(np.int64)
    known = {role: Knowledge(attribute=group) for role in (INSIDE, OUTSIDE)}
    told: tuple[Slice, ...] = found(Exposed(model.answers, known), scores)[0]
    groups = {one.name: one.auc for one in told if one.by == "group"}
    assert set(groups) == {"0", "1"}
    assert groups["1"] is not None
    assert groups["1"].low > 0.8
    half = Exposed(model.answers, {INSIDE: known[INSIDE]})
    assert {one.by for one in found(half, scores)[0]} == {"class"}


def test_intervals_hold_for_all_slices_together_so_they_are_wider_than_the_bound_of_one() -> None:
    for one in found(*drawn(80))[0]:
        assert one.auc.high > one.upper
        assert one.auc.confidence == pytest.approx(1 - 0.1 / CLASSES)


def test_the_excess_is_the_smallest_p_value_times_the_number_of_slices() -> None:
    model, scores = drawn(300, leaky=1, by=1.2)
    excess: Excess = found(model, scores, limit=0.6)[1]
    alone = model.answers[INSIDE].labels == 1
    p = auc(scores.members[alone], scores.non_members[alone]).p_above(0.6)
    assert (excess.check, excess.limit) == (NAME, 0.6)
    assert excess.p == pytest.approx(CLASSES * p)


def test_a_low_rate_is_told_only_where_the_class_has_enough_non_members() -> None:
    assert all(one.tpr is None for one in found(*drawn(300))[0])
    assert all(one.tpr is not None for one in found(*drawn(600))[0])


def test_samples_of_one_unit_do_not_make_a_class_large_enough() -> None:
    model, scores = drawn(LEAST + 10)
    pairs = (np.arange(CLASSES * (LEAST + 10)) // 2).astype(np.int64)
    whole = replace(scores, units=Units(pairs, pairs + len(pairs)))
    assert all(one.auc is not None for one in found(model, scores)[0])
    assert all(one.auc is None for one in found(model, whole)[0])
