from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.targets.formats.runners.litert_session import open_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WEIGHT = np.array([[1, 0, 2], [0, 0, -3]], np.float32)
X = np.arange(15, dtype=np.float32).reshape(5, 3)


@pytest.mark.parametrize("rows", [1, 2, 5, 7])
def test_any_number_of_samples_is_answered_whatever_the_file_is_made_for(
    tmp_path: Path, matrix_file: Callable[..., bytes], rows: int
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(matrix_file(WEIGHT, rows=rows))
    session = open_session(str(path))
    np.testing.assert_allclose(session.infer(X), X @ WEIGHT.T)
    assert session.infer(X).dtype == np.float32
    assert (session.runtime, session.compute_unit) == ("litert", "XNNPACK (cpu)")
    session.close()


def test_whole_numbers_at_the_ends_are_counted_in_the_files_own_steps(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(matrix_file(np.array([[2, 0], [0, -4]], np.int8), scale=0.5, zero_point=3))
    # The weight is [[1, 0], [0, -2]]; 0.74 is nearest to 0.5, and -999 to the smallest, -65.5.
    x = np.array([[2, 0.74], [-999, 1]], np.float32)
    assert open_session(str(path)).infer(x).tolist() == [[2, -1], [-65.5, -2]]


def test_ids_that_the_file_cannot_hold_are_refused(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(matrix_file(np.eye(2, dtype=np.int8), scale=1.0))
    session = open_session(str(path))
    assert session.infer(np.array([[1, 127]])).tolist() == [[1, 127]]
    with pytest.raises(RuntimeError, match="cannot hold"):
        session.infer(np.array([[1, 128]]))


def test_samples_of_another_kind_are_refused(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(matrix_file(WEIGHT))
    with pytest.raises(RuntimeError, match="takes float32, got int64"):
        open_session(str(path)).infer(np.ones((1, 3), np.int64))
