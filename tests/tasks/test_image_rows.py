from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from sc_deploy.errors import DataError, UsageError
from sc_deploy.recipe import TaskSection
from sc_deploy.recipe.data import ImagesSection, TableSection
from sc_deploy.tasks import batches, draft, image_rows, table

if TYPE_CHECKING:
    from pathlib import Path

SHOWN = TableSection(label="kind", image="img")
Cell = dict[str, bytes | str | None] | None


def painted(colour: tuple[int, int, int], size: tuple[int, int] = (4, 4)) -> Cell:
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, "png")
    return {"bytes": stream.getvalue(), "path": None}


def rows(cells: list[Cell], kinds: list[int]) -> pa.Table:
    struct = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    return pa.table({"img": pa.array(cells, struct), "kind": kinds, "who": kinds})


def save(folder: Path, cells: list[Cell], kinds: list[int]) -> Path:
    """The layout of `datasets.Dataset.save_to_disk`."""
    folder.mkdir()
    content = rows(cells, kinds)
    with (
        pa.OSFile(str(folder / "data.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, content.schema) as stream,
    ):
        stream.write_table(content)
    label = {"names": ["red", "blue"], "_type": "ClassLabel"}
    features = {"img": {"_type": "Image"}, "kind": label}
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    (folder / "state.json").write_text('{"_data_files": [{"filename": "data.arrow"}]}')
    return folder


def asked(
    path: Path, said: TableSection = SHOWN, images: ImagesSection | None = None
) -> TaskSection:
    return TaskSection(
        name="hf-dataset", path=str(path), table=said, images=images or ImagesSection()
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    cells = [painted((0, 0, 255)), painted((255, 0, 0)), painted((0, 0, 255))]
    return save(tmp_path / "d", cells, [1, 0, 1])


def test_a_column_of_images_becomes_a_pool_of_bytes(pictures: Path) -> None:
    task = table.load_dataset(asked(pictures))
    assert (task.classes, task.y.tolist()) == (("red", "blue"), [1, 0, 1])
    assert task.x.shape == (3, 4, 4, 3)
    assert isinstance(task.x, np.memmap)
    assert task.x[:, 0, 0].tolist() == [[0, 0, 255], [255, 0, 0], [0, 0, 255]]


def test_the_network_reads_what_the_recipe_says_of_images(pictures: Path) -> None:
    gray = ImagesSection(size=2, grayscale=True, mean=(0.5,), std=(0.5,))
    task = table.load_dataset(asked(pictures, images=gray))
    found = batches.read(task, np.array([1]))
    assert found.shape == (1, 1, 2, 2)
    np.testing.assert_allclose(found[0, 0, 0, 0], 2 * 76 / 255 - 1, rtol=1e-6)


def test_shards_of_parquet_are_the_same_samples(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "p" / "data").mkdir(parents=True)
    with pa.memory_map(str(pictures / "data.arrow")) as source:
        content = pa.ipc.open_stream(source).read_all()
        pq.write_table(content, tmp_path / "p" / "data" / "train-0.parquet")
    shards = table.load_dataset(asked(tmp_path / "p"))
    np.testing.assert_array_equal(shards.x, table.load_dataset(asked(pictures)).x)


def test_images_that_cannot_be_used_are_all_listed(tmp_path: Path, cache: Path) -> None:
    cells: list[Cell] = [painted((1, 2, 3)), {"bytes": b"no image", "path": None}]
    cells += [painted((1, 2, 3), (5, 4))] * 2
    with pytest.raises(DataError) as caught:
        table.load_dataset(asked(save(tmp_path / "d", cells, [0, 1, 0, 1])))
    found = {problem.where: problem.found for problem in caught.value.problems}
    assert found["data.arrow:2"] == "cannot be read (UnidentifiedImageError)"
    assert found["data.arrow:3, data.arrow:4"].startswith("is 5 x 4 pixels, the first image 4 x 4")
    assert not list(cache.rglob("*.npy"))


def test_rows_without_an_image_are_refused(tmp_path: Path) -> None:
    cells: list[Cell] = [painted((1, 2, 3)), None, {"bytes": None, "path": "a.png"}]
    with pytest.raises(DataError, match=r"data\.arrow:2, data\.arrow:3: holds no image, or only"):
        table.load_dataset(asked(save(tmp_path / "d", cells, [0, 1, 1])))


def test_equal_images_can_be_an_error(pictures: Path) -> None:
    said = SHOWN.model_copy(update={"duplicates": "refuse"})
    with pytest.raises(DataError, match=r"data\.arrow:3: repeats the image"):
        table.load_dataset(asked(pictures, said))


def test_a_column_of_something_else_is_no_column_of_images(pictures: Path) -> None:
    with pytest.raises(DataError, match=r"'who' holds no images(.|\n)*choose from img"):
        table.load_dataset(asked(pictures, TableSection(label="kind", image="who")))
    with pytest.raises(DataError, match="column 'gone'"):
        table.load_dataset(asked(pictures, TableSection(label="kind", image="gone")))


def test_settings_of_texts_mean_nothing_to_images(pictures: Path) -> None:
    section = asked(pictures).model_copy(update={"tokenizer": "words", "length": 4})
    with pytest.raises(UsageError, match=r"task\.tokenizer"):
        table.load_dataset(section)


def test_a_first_recipe_finds_the_column_of_images(pictures: Path) -> None:
    found = draft.table("hf-dataset", pictures, "d", "kind")
    assert (found.task.table, found.left_out) == (SHOWN, ("who",))


def test_units_of_images_are_carried(pictures: Path) -> None:
    said = SHOWN.model_copy(update={"unit": "who"})
    task = table.load_dataset(asked(pictures, said))
    assert task.unit is not None
    assert task.unit.tolist() == [1, 0, 1]


def test_the_first_pass_counts_rows() -> None:
    samples = image_rows.ImageSamples(unique=False)
    assert [list(samples.add((b"a",))), list(samples.add((b"a",)))] == [[], []]
    assert samples.count == 2
