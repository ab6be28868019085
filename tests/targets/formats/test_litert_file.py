from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.errors import InferenceError
from sc_deploy.targets.formats import litert_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WEIGHT = np.array([[1, 0, 2], [0, 0, -3]], np.float32)


def test_a_graph_is_read_as_it_was_written(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(matrix_file(WEIGHT, rows=4))
    (graph,) = litert_file.read(path)
    x, weight, y, _ = graph.tensors
    assert (graph.inputs, graph.outputs) == ((0,), (2,))
    assert graph.operators == (litert_file.Operator("FULLY_CONNECTED", (0, 1, -1), (2,)),)
    assert (x.name, x.kind, x.shape, x.data) == ("input", "FLOAT32", (4, 3), None)
    assert (weight.shape, weight.data, y.shape) == ((2, 3), WEIGHT.tobytes(), (4, 2))
    assert not weight.sparse
    assert not weight.scales.size


def test_steps_of_quantization_are_read(tmp_path: Path, matrix_file: Callable[..., bytes]) -> None:
    (graph,) = litert_file.parse(matrix_file(WEIGHT.astype(np.int8), scale=0.5, zero_point=-7))
    x = graph.tensors[0]
    assert (x.kind, x.scales.tolist(), x.zero_points.tolist()) == ("INT8", [0.5], [-7])


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 a zip", b"\x00" * 4 + b"TFL3" + b"\xff" * 99]
)
def test_what_is_not_a_model_is_an_inference_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(InferenceError, match=r"model\.tflite"):
        litert_file.read(path)


def test_a_file_cut_short_anywhere_is_refused(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    content, path = matrix_file(WEIGHT), tmp_path / "model.tflite"
    for length in range(0, len(content) - 4, 7):
        path.write_bytes(content[:length])
        with pytest.raises(InferenceError):
            litert_file.read(path)


def test_a_file_damaged_at_any_byte_is_read_or_refused_and_never_crashes(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    content, path = matrix_file(WEIGHT), tmp_path / "model.tflite"
    refused = 0
    for place in range(8, len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(bytes(damaged))
        try:
            litert_file.read(path)
        except InferenceError:
            refused += 1
    assert refused > len(content) / 4


def test_a_length_beyond_the_file_is_refused_before_it_is_counted_through(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    from ai_edge_litert import schema_py_generated as schema

    content = bytearray(matrix_file(WEIGHT))
    table = schema.Model.GetRootAs(content, 0)._tab
    start = table.Vector(table.Offset(8)) - 4
    content[start : start + 4] = (2**31 - 1).to_bytes(4, "little")
    path = tmp_path / "model.tflite"
    path.write_bytes(bytes(content))
    with pytest.raises(InferenceError, match="2147483647 entries"):
        litert_file.read(path)
