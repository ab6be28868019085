from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sc_deploy.errors import DataError, UsageError
from sc_deploy.tasks import draft

if TYPE_CHECKING:
    from pathlib import Path


def written(tmp_path: Path, header: str, *rows: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_numbers_and_few_words_become_a_table(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "id,age,town,risk",
        *(f"u{n},{20 + n},{('Ulm', 'Bern')[n % 2]},{('low', 'high')[n % 2]}" for n in range(40)),
    )
    found = draft.table("csv", path, "table.csv", "risk")
    section = found.task.table
    assert section is not None
    assert (section.label, section.numeric, section.categorical) == ("risk", ("age",), ("town",))
    assert found.left_out == ("id",)
    assert found.task.tokenizer is None


def test_several_words_make_a_task_of_texts(tmp_path: Path) -> None:
    path = written(tmp_path, "label,review", *(f"{n % 2},a film of sorts {n}" for n in range(9)))
    found = draft.table("csv", path, "table.csv", None)
    assert found.task.table is not None
    assert found.task.table.text == ("review",)
    assert (found.task.tokenizer, found.task.length) == ("words", draft.LENGTH)


@pytest.mark.parametrize(
    ("header", "label"), [("class,a", "class"), ("a,Target", "Target"), ("a,b", "b")]
)
def test_the_label_is_the_column_of_that_name_or_the_last(
    tmp_path: Path, header: str, label: str
) -> None:
    found = draft.table("csv", written(tmp_path, header, "1,2", "2,1"), "t", None)
    assert found.task.table is not None
    assert found.task.table.label == label


def test_a_number_that_is_sometimes_missing_is_left_to_the_user(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,label", "1,1,x", "2,,y", "3,2,x")
    assert draft.table("csv", path, "t", None).left_out == ("b",)


def test_a_label_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'risk'"):
        draft.table("csv", written(tmp_path, "a,b", "1,2"), "t", "risk")


@pytest.mark.parametrize("rows", [(), ("same,x1", "same,x2")])
def test_a_table_without_a_usable_column_is_refused(tmp_path: Path, rows: tuple[str, ...]) -> None:
    path = written(tmp_path, "label,name", *rows)
    with pytest.raises(DataError):
        draft.table("csv", path, "t", "label")


@pytest.mark.parametrize("name", sorted(draft.FETCHED))
def test_a_published_data_set_is_fetched_unless_it_is_there(name: str) -> None:
    fetched, there = draft.named(name, None), draft.named(name, "mine")
    assert (fetched.path, fetched.download) == (draft.DATA, True)
    assert (there.path, there.download) == ("mine", False)
    assert (there.tokenizer is not None) == (name in draft.TEXTS)


def test_other_tasks_are_never_fetched() -> None:
    assert draft.named("digits", None).model_dump(exclude_defaults=True) == {"name": "digits"}
