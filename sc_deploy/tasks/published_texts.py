"""Yelp-5 and AG-News as Zhang, Zhao and LeCun (2015) published them: CSV without a header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.errors import DataError
from sc_deploy.recipe.data import TableSection
from sc_deploy.tasks import archives, csv_rows, settings, table

if TYPE_CHECKING:
    from sc_deploy.contracts import Task
    from sc_deploy.recipe import TaskSection

FILES: Final = ("train.csv", "test.csv")
NEWS: Final = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv"


@dataclass(frozen=True, slots=True)
class Collection:
    """One of the data sets: where it is published, and which of its columns is what."""

    archive: archives.Archive
    table: TableSection


# sha256 and size: datasets/yelp_review_full/dataset_infos.json of huggingface/datasets at commit
# 040102f; FluxML/FastAI.jl lists the same sha256 for the same address. The authors' own copy is
# on a file-sharing page that asks before it gives.
YELP_5: Final = Collection(
    archives.Archive(
        "https://huggingface.co/datasets/Yelp/yelp_review_full",
        (
            archives.Part(
                "https://s3.amazonaws.com/fast-ai-nlp/yelp_review_full_csv.tgz",
                "56006b0a17a370f1e366504b1f2c3e3754e4a3dda17d3e718a885c552869a559",
                196_146_755,
            ),
        ),
        "yelp_review_full_csv",
        FILES,
    ),
    TableSection(
        columns=("stars", "text"),
        label="stars",
        classes=("1", "2", "3", "4", "5"),
        text=("text",),
    ),
)
# sha256 and size: datasets/ag_news/dataset_infos.json of huggingface/datasets at commit 040102f.
# torchtext/datasets/ag_news.py of pytorch/text takes the same two files.
AG_NEWS: Final = Collection(
    archives.Archive(
        "https://huggingface.co/datasets/fancyzhx/ag_news",
        (
            archives.Part(
                f"{NEWS}/train.csv",
                "76a0a2d2f92b286371fe4d4044640910a04a803fdd2538e0f3f29a5c6f6b672e",
                29_470_338,
            ),
            archives.Part(
                f"{NEWS}/test.csv",
                "521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699",
                1_857_427,
            ),
        ),
        "ag_news_csv",
        FILES,
    ),
    TableSection(
        columns=("topic", "title", "description"),
        label="topic",
        classes=("1", "2", "3", "4"),
        text=("title", "description"),
    ),
)


def load_yelp_5(section: TaskSection) -> Task:
    """700,000 reviews in five classes of stars; training rows before test rows."""
    return load(section, YELP_5)


def load_ag_news(section: TaskSection) -> Task:
    """127,600 pairs of title and description in four topics; training rows before test rows."""
    return load(section, AG_NEWS)


def load(section: TaskSection, collection: Collection) -> Task:
    """The texts below `task.path`, fetched first where the recipe says `download: true`.

    Raises DataError with all that is wrong, UnavailableError or IntegrityError.
    """
    settings.require_read(section, "download", "tokenizer", "vocabulary", "length")
    if section.tokenizer is None:
        raise DataError(
            f"task {section.name!r} is of texts, and nothing says how a network reads them",
            remedy="set task.tokenizer and task.length",
        )
    folder = archives.unpacked(section, collection.archive)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise DataError(
            f"{folder} lacks {' and '.join(missing)}",
            remedy=f"unpack {collection.archive.addresses} there, or set task.download to true "
            "with a task.path that holds nothing of it",
        )
    rows = csv_rows.of(tuple(folder / name for name in FILES), collection.table)
    return table.made(section, collection.table, rows)
