from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.contracts import TensorStat
from sc_deploy.errors import InferenceError
from sc_deploy.targets.formats import litert_weights
from sc_deploy.targets.formats.litert_file import Graph, Operator, Tensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

WEIGHT = np.array([[1, 0, 2], [0, 0, -3]])


def tensor(name: str, values: NDArray[np.generic] | None, shape: tuple[int, ...]) -> Tensor:
    kind = "FLOAT32" if values is None else values.dtype.name.upper()
    data = None if values is None else values.tobytes()
    empty = np.array([], np.float32), np.array([], np.int64)
    return Tensor(name, kind, shape, shape, data, False, *empty, 0)


def counted(kind: str, weight: Tensor, *, unpacked_by: tuple[str, ...] = ()) -> TensorStat:
    """What is counted of a graph of one step whose weight passes through the given steps."""
    tensors, steps = [tensor("x", None, (1,)), weight], []
    for unpacking in unpacked_by:
        steps.append(Operator(unpacking, (len(tensors) - 1,), (len(tensors),)))
        tensors.append(tensor("unpacked", None, weight.shape))
    twice = [Operator(kind, (0, len(tensors) - 1), (0,))] * 2
    (stat,) = litert_weights._all((Graph(tuple(tensors), (*steps, *twice), (0,), (0,)),))
    return stat


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_the_weights_of_a_file_are_counted(
    tmp_path: Path, matrix_file: Callable[..., bytes], dtype: str
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(matrix_file(WEIGHT.astype(dtype)))
    assert litert_weights.weights(path) == (TensorStat("weight", (2, 3), 3, 6),)


def test_more_or_fewer_values_than_the_shape_says_are_refused(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    path = tmp_path / "model.tflite"
    for shape in ((2, 2), (3, 3)):
        path.write_bytes(matrix_file(WEIGHT.astype(np.float32), shape=shape))
        with pytest.raises(InferenceError, match="6 values for a weight"):
            litert_weights.weights(path)


@pytest.mark.parametrize(
    ("kind", "stored", "shape"),
    [
        ("CONV_2D", (8, 3, 5, 4), (8, 4, 3, 5)),
        ("DEPTHWISE_CONV_2D", (1, 3, 5, 8), (8, 1, 3, 5)),
        ("TRANSPOSE_CONV", (6, 3, 5, 4), (6, 4, 3, 5)),
        ("FULLY_CONNECTED", (10, 16), (10, 16)),
    ],
)
def test_output_channels_come_first(
    kind: str, stored: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    weight = tensor("w", np.ones(stored, np.float32), stored)
    assert counted(kind, weight) == TensorStat("w", shape, weight_size(stored), weight_size(stored))


def weight_size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def test_a_weight_is_found_behind_the_steps_that_unpack_it() -> None:
    weight = tensor("w", WEIGHT.astype(np.float16), (2, 3))
    stat = counted("FULLY_CONNECTED", weight, unpacked_by=("DENSIFY", "DEQUANTIZE"))
    assert stat == TensorStat("w", (2, 3), 3, 6)


def test_a_value_at_the_zero_point_of_its_channel_is_a_zero() -> None:
    values = np.array([[7, 0], [7, 0]], np.uint8)
    weight = tensor("w", values, (2, 2))
    with_zeros = Tensor(
        *("w", "UINT8", (2, 2), (2, 2), weight.data, False),
        *(np.ones(2, np.float32), np.array([7, 0]), 0),
    )
    # The first channel is 0, -7; the second 7, 0.
    assert counted("FULLY_CONNECTED", with_zeros).nonzero == 2
