"""What trials say together, against a slow way and on planted differences."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy import stats

from sc_deploy.contracts import (
    STRONGEST,
    Answer,
    AttackResult,
    Cost,
    Curve,
    OperatingPoint,
    Pairing,
    PlannedArm,
    Rate,
    StudyPlan,
    Subject,
    Trial,
)
from sc_deploy.pipeline.study import findings


def exact(value: float) -> Rate:
    return Rate(value, value, value, 100)


def attack(name: str, auc: float, tpr: float | None = 0.02) -> AttackResult:
    point = OperatingPoint(0.01, None if tpr is None else exact(tpr), None, "")
    curve = Curve((), ())
    return AttackResult(name, exact(auc), (point,), exact(auc), exact(0.8 / auc), 0.0, curve)


def trial(arm: str, seed: int, accuracy: float, *attacks: AttackResult) -> Trial:
    subject = Subject("source", exact(accuracy), exact(0.9), attacks, None)
    cost = Cost(1.0 + seed, 100, 10, whole=seed != 0)
    return Trial(arm, seed, "r", "m", 10, 0.1, exact(accuracy), subject, cost, "")


def planned(*names: str) -> StudyPlan:
    return StudyPlan(
        recipe="r.yaml",
        recipe_digest="",
        key_digest="",
        seeds=(0, 1, 2),
        arms=tuple(PlannedArm(name, "", (), late=False) for name in names),
        pairings=tuple(Pairing(names[0], name, primary=False) for name in names[1:]),
        attacks=("loss", "neural"),
        fpr=0.01,
        confidence=0.95,
        power=0.8,
        samples=(),
        detectable=(),
        luck=0.0,
    )


OURS = [
    trial("robust", 0, 0.83, attack("loss", 0.52), attack("neural", 0.51)),
    trial("robust", 1, 0.84, attack("loss", 0.53), attack("neural", 0.55)),
    trial("robust", 2, 0.82, attack("loss", 0.51), attack("neural", 0.52)),
]
THEIRS = [
    trial("random", 0, 0.80, attack("loss", 0.56), attack("neural", 0.53)),
    trial("random", 1, 0.82, attack("loss", 0.56), attack("neural", 0.58)),
    trial("random", 2, 0.79, attack("loss", 0.55), attack("neural", 0.56)),
]


def test_the_strongest_attack_is_taken_seed_by_seed() -> None:
    robust, _ = findings.figures(planned("robust", "random"), OURS + THEIRS)
    by_attack = {found.attack: found.auc.value for found in robust.attacks}
    assert by_attack["loss"] == pytest.approx((0.52 + 0.53 + 0.51) / 3)
    assert by_attack[STRONGEST] == pytest.approx((0.52 + 0.55 + 0.52) / 3)


def test_a_comparison_is_the_paired_t_test_of_the_seeds() -> None:
    (found,) = findings.comparisons(planned("robust", "random"), OURS + THEIRS[::-1])
    slow = stats.ttest_rel([0.83, 0.84, 0.82], [0.80, 0.82, 0.79]).confidence_interval(0.95)
    assert (found.accuracy.low, found.accuracy.high) == pytest.approx((slow.low, slow.high))
    assert found.strongest.value == pytest.approx((0.52 + 0.55 + 0.52 - 0.56 - 0.58 - 0.56) / 3)
    assert found.answer is Answer.BEATS
    assert found.sentence.startswith("robust beats random: Δaccuracy +0.0267 [")


def test_only_arms_on_the_front_are_marked() -> None:
    figures = findings.figures(planned("robust", "random"), OURS + THEIRS)
    assert [arm.front for arm in figures] == [True, False]


def test_one_seed_alone_gives_no_figure() -> None:
    plan = planned("robust", "random")
    assert findings.figures(plan, OURS[:1]) == ()
    assert findings.comparisons(plan, [*OURS, *THEIRS[:1]]) == ()


def test_an_interrupted_seed_counts_in_no_cost() -> None:
    (robust,) = findings.figures(planned("robust"), OURS)
    assert robust.seconds == pytest.approx(2.5)


def test_a_rate_that_one_seed_could_not_resolve_is_not_averaged() -> None:
    blind = [*OURS[:2], trial("robust", 2, 0.8, attack("loss", 0.5, None), attack("neural", 0.5))]
    (robust,) = findings.figures(planned("robust"), blind)
    resolved = {found.attack: found.tpr is not None for found in robust.attacks}
    assert resolved == {"loss": False, "neural": True, STRONGEST: False}


@pytest.mark.parametrize(
    ("accuracy", "leakage", "expected"),
    [
        ((0.01, 0.03), (-0.02, 0.01), Answer.BEATS),
        ((-0.01, 0.03), (-0.02, -0.01), Answer.BEATS),
        ((-0.03, -0.01), (-0.02, 0.01), Answer.LOSES),
        ((0.01, 0.03), (0.01, 0.02), Answer.TRADES),
        ((-0.01, 0.03), (-0.02, 0.01), Answer.UNDECIDED),
        ((0.01, 0.01), (-0.02, 0.01), Answer.UNDECIDED),
    ],
)
def test_an_answer_needs_an_interval_on_one_side_of_zero(
    accuracy: tuple[float, float], leakage: tuple[float, float], expected: Answer
) -> None:
    first, second = (Rate(sum(ends) / 2, *ends, 5) for ends in (accuracy, leakage))
    assert findings.answer(first, second) is expected


def test_a_sentence_names_the_accuracy_of_the_recipe() -> None:
    plain = planned("robust", "random")
    (told,) = findings.comparisons(plain, [*OURS, *THEIRS])
    (balanced,) = findings.comparisons(replace(plain, accuracy="balanced"), [*OURS, *THEIRS])
    assert "Δaccuracy" in told.sentence
    assert "Δbalanced accuracy" in balanced.sentence
