from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.errors import DataError
from sc_deploy.recipe import TaskSection
from sc_deploy.tasks import stl10

if TYPE_CHECKING:
    from pathlib import Path


def asked(path: Path) -> TaskSection:
    return TaskSection(name="stl-10", path=str(path))


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    (folder / "class_names.txt").write_text("airplane\nbird\ncar\n")
    for split, labels in (("train", [1, 3]), ("test", [2])):
        planes = np.zeros((len(labels), 3, 96, 96), np.uint8)
        # Column 5, row 7 of the blue plane.
        planes[:, 2, 5, 7] = labels
        (folder / f"{split}_X.bin").write_bytes(planes.tobytes())
        (folder / f"{split}_y.bin").write_bytes(bytes(labels))
    return folder


def test_planes_by_columns_become_images(binary: Path) -> None:
    task = stl10.load(asked(binary.parent))
    assert task.classes == ("airplane", "bird", "car")
    assert task.y.tolist() == [0, 2, 1]
    assert task.x.shape == (3, 96, 96, 3)
    assert task.x[:, 7, 5, 2].tolist() == [1, 3, 2]
    assert task.x.sum() == 6


def test_everything_wrong_with_the_files_comes_at_once(binary: Path) -> None:
    (binary / "train_y.bin").write_bytes(bytes([1, 9]))
    (binary / "test_X.bin").write_bytes(b"short")
    with pytest.raises(DataError) as caught:
        stl10.load(asked(binary))
    found = [problem.found for problem in caught.value.problems]
    assert found == ["has labels outside of 1 to 3", "has 5 bytes, 1 labels are for 27,648"]
    (binary / "test_X.bin").unlink()
    with pytest.raises(DataError, match=r"test_X\.bin: is missing"):
        stl10.load(asked(binary))
