"""The pages of a study say what was found, what was planned, and what is missing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sc_deploy.contracts import (
    STRONGEST,
    Answer,
    ArmFigures,
    AttackFigures,
    Comparison,
    Detectable,
    Pairing,
    PlannedArm,
    Rate,
    Study,
    StudyPlan,
)
from sc_deploy.report import study as pages


def rate(value: float, reach: float = 0.01) -> Rate:
    return Rate(value, value - reach, value + reach, 3)


def attack(name: str, auc: float) -> AttackFigures:
    return AttackFigures(name, rate(auc), None, rate(auc), rate(0.8 / auc))


def arm(name: str, *, auc: float, accuracy: float) -> ArmFigures:
    return ArmFigures(
        name=name,
        seeds=3,
        density=0.1,
        accuracy=rate(accuracy),
        member_accuracy=rate(0.9),
        attacks=(attack("loss", auc - 0.01), attack(STRONGEST, auc)),
        clean_auc=None,
        step=1170.0,
        seconds=None,
        trained=None,
        examined=None,
        front=True,
    )


@pytest.fixture
def found() -> Study:
    plan = StudyPlan(
        recipe="recipe.yaml",
        recipe_digest="0" * 64,
        key_digest="1" * 64,
        seeds=(1, 2, 3),
        arms=(
            PlannedArm("robust", "The recipe.", (), late=False),
            PlannedArm("random", "By lot <b>", ("compress.selection=random",), late=True),
        ),
        pairings=(Pairing("robust", "random", primary=True),),
        attacks=("loss",),
        fpr=0.01,
        confidence=0.95,
        power=0.8,
        samples=(("test", 100),),
        detectable=(Detectable("AUC", 0.0213, "variance of 1,500 members"),),
        luck=0.004,
    )
    comparison = Comparison(
        "robust", "random", True, rate(0.01), rate(0.0), rate(-0.02), Answer.BEATS,
        "robust beats random: of course.",
    )  # fmt: skip
    arms = (arm("robust", auc=0.52, accuracy=0.83), arm("random", auc=0.54, accuracy=0.82))
    return Study(1, "0", plan, (), (), arms, (comparison,))


def test_the_table_has_a_row_for_each_arm_under_each_column(found: Study) -> None:
    lines = [line for line in pages.markdown(found).splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert {line.count("|") for line in lines} == {len(pages.COLUMNS) + 1}
    assert "0.830 [0.820, 0.840]" in lines[2]


def test_both_pages_tell_the_plan_and_the_verdict(found: Study) -> None:
    for page in (pages.markdown(found), pages.html(found)):
        assert "0.0213" in page
        assert "variance of 1,500 members" in page
        assert "(claim) robust beats random: of course." in page


def test_an_unfinished_study_says_so_and_is_no_table(found: Study) -> None:
    begun = replace(found, arms=(), comparisons=(), missing=(("robust", 1), ("random", 1)))
    assert "**Unfinished**: 4 of 6 models" in pages.markdown(begun)
    assert "| arm |" not in pages.markdown(begun)
    assert "Unfinished" in pages.html(begun)
    assert "<svg" not in pages.html(begun)


def test_an_arm_that_was_added_late_is_marked(found: Study) -> None:
    assert "Added when results of other arms were known" in pages.markdown(found)
    assert "added late" in pages.html(found)


def test_the_html_page_needs_nothing_but_itself_and_escapes_text(found: Study) -> None:
    page = pages.html(found)
    assert not re.search(r"(src|href)=", page)
    assert "<script" not in page
    assert "By lot &lt;b&gt;" in page


def test_what_markdown_marks_as_code_is_code_in_html(found: Study) -> None:
    arms = (replace(found.plan.arms[0], description="With `--set` and <i>."), found.plan.arms[1])
    page = pages.html(replace(found, plan=replace(found.plan, arms=arms)))
    assert "With <code>--set</code> and &lt;i&gt;." in page
    assert "`" not in page


def test_equal_studies_give_equal_pages(found: Study) -> None:
    assert pages.html(found) == pages.html(replace(found))


def test_pages_name_the_accuracy_of_the_recipe(found: Study) -> None:
    balanced = replace(found, plan=replace(found.plan, accuracy="balanced"))
    for page in (pages.markdown(balanced), pages.html(balanced)):
        assert "balanced test accuracy" in page
    assert "balanced" not in pages.markdown(found) + pages.html(found)
