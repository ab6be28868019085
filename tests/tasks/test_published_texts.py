from __future__ import annotations

import dataclasses
import hashlib
import tarfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.errors import DataError, UsageError
from sc_deploy.recipe import TaskSection
from sc_deploy.recipe.data import TableSection
from sc_deploy.tasks import archives, batches, published_texts, table

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.tasks.published_texts import Collection


def write(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "train.csv").write_text('"3","Good ""news""","from here"\n"1","Bad","from there"\n')
    (folder / "test.csv").write_text('"4","No","news from here"\n"1","Bad","from there"\n')
    (folder / "other.csv").write_text("none of it\n")
    return folder


def asked(path: Path, *, download: bool = False) -> TaskSection:
    return TaskSection(
        name="ag-news", path=str(path), download=download, tokenizer="words", length=5
    )


@pytest.fixture
def served(server: tuple[Path, str]) -> Collection:
    """AG-News, packed as Yelp-5 is, under an address of this machine."""
    folder, address = server
    packed = folder / "ag_news_csv.tgz"
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(write(folder / "ag_news_csv"), "ag_news_csv")
    content = packed.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    part = archives.Part(f"{address}/{packed.name}", sha256, len(content))
    real = published_texts.AG_NEWS
    return dataclasses.replace(real, archive=dataclasses.replace(real.archive, parts=(part,)))


def test_a_collection_is_fetched_and_read_in_its_published_layout(
    served: Collection, tmp_path: Path
) -> None:
    task = published_texts.load(asked(tmp_path / "data", download=True), served)
    assert (task.classes, task.y.tolist()) == (("1", "2", "3", "4"), [2, 0, 3, 0])
    assert batches.read(task, np.arange(4)).shape == (4, 5)
    assert (tmp_path / "data" / "ag_news_csv" / "test.csv").is_file()


def test_it_is_the_same_task_as_its_files_read_as_csv(tmp_path: Path) -> None:
    folder = write(tmp_path / "data")
    (folder / "other.csv").unlink()
    by_name = published_texts.load_ag_news(asked(folder))
    said = TableSection(
        columns=("topic", "title", "description"), label="topic", text=("title", "description"),
        classes=("1", "2", "3", "4"),
    )  # fmt: skip
    by_hand = table.load_csv(
        TaskSection(name="csv", path=str(folder), table=said, tokenizer="words", length=5)
    )
    np.testing.assert_array_equal(by_name.x, by_hand.x)
    np.testing.assert_array_equal(by_name.y, by_hand.y)


def test_reviews_have_one_text_and_five_classes(tmp_path: Path) -> None:
    (tmp_path / "yelp_review_full_csv").mkdir()
    for name in ("train.csv", "test.csv"):
        content = '"5","good food"\n"2","bad food"\n'
        (tmp_path / "yelp_review_full_csv" / name).write_text(content)
    section = asked(tmp_path).model_copy(update={"name": "yelp-5"})
    task = published_texts.load_yelp_5(section)
    assert (len(task.classes), task.y.tolist()) == (5, [4, 1, 4, 1])


def test_what_is_missing_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (write(tmp_path / "ag_news_csv") / "test.csv").unlink()
    with pytest.raises(DataError, match=r"lacks test\.csv"):
        published_texts.load_ag_news(asked(tmp_path))
    with pytest.raises(DataError, match="nothing says how"):
        published_texts.load_ag_news(TaskSection(name="ag-news", path=str(tmp_path)))
    columns = asked(tmp_path).model_copy(update={"table": TableSection(text=("text",))})
    with pytest.raises(UsageError, match=r"task\.table"):
        published_texts.load_ag_news(columns)
