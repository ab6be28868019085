from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.io import savemat

from sc_deploy.errors import DataError
from sc_deploy.recipe import TaskSection
from sc_deploy.recipe.data import ImagesSection
from sc_deploy.tasks import batches, svhn

if TYPE_CHECKING:
    from pathlib import Path


def asked(path: Path, images: ImagesSection | None = None) -> TaskSection:
    return TaskSection(name="svhn", path=str(path), images=images or ImagesSection())


def write(file: Path, digits: list[int], *, side: int = 32) -> None:
    images = np.zeros((side, side, 3, len(digits)), np.uint8)
    for number, digit in enumerate(digits):
        images[0, 1, 2, number] = digit
    savemat(file, {"X": images, "y": np.array(digits, np.uint8)[:, None]}, do_compression=True)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "svhn"
    folder.mkdir()
    write(folder / "train_32x32.mat", [1, 10, 9])
    write(folder / "test_32x32.mat", [2, 10])
    return folder


def test_the_label_ten_is_the_digit_zero(house: Path) -> None:
    task = svhn.load(asked(house))
    assert task.classes == tuple("0123456789")
    assert task.y.tolist() == [1, 0, 9, 2, 0]


def test_images_keep_their_rows_columns_and_channels(house: Path) -> None:
    task = svhn.load(asked(house.parent))
    assert task.x.shape == (5, 32, 32, 3)
    assert isinstance(task.x, np.memmap)
    assert task.x[:, 0, 1, 2].tolist() == [1, 10, 9, 2, 10]
    assert task.x.sum() == 32
    found = batches.read(task, np.array([2]))
    assert found[0, 2, 0, 1] == np.float32(9) / np.float32(255)


def test_everything_wrong_with_the_files_comes_at_once(house: Path) -> None:
    (house / "train_32x32.mat").write_bytes(b"no MATLAB file" * 20)
    write(house / "test_32x32.mat", [1, 11])
    with pytest.raises(DataError) as caught:
        svhn.load(asked(house))
    found = [problem.found for problem in caught.value.problems]
    assert found[0].startswith("cannot be read")
    assert found[1] == "has labels other than 1 to 10"
    (house / "train_32x32.mat").unlink()
    write(house / "test_32x32.mat", [1], side=16)
    with pytest.raises(DataError, match=r"(?s)is missing.*\(16, 16, 3, 1\)"):
        svhn.load(asked(house))


def test_other_images_than_those_on_disk_are_not_made(house: Path) -> None:
    with pytest.raises(DataError, match="32 x 32"):
        svhn.load(asked(house, ImagesSection(grayscale=True)))
