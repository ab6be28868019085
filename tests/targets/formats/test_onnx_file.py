from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sc_deploy.errors import InferenceError
from sc_deploy.targets.formats import onnx_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def save(path: Path, nodes: list[onnx.NodeProto], tensors: dict[str, NDArray[np.generic]]) -> Path:
    """A graph from `x` float [n, 3] to `y` float [n, 2] out of these nodes and constants."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(values, name) for name, values in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 10
    onnx.save(model, path)
    return path


def test_weights_are_counted_and_other_constants_are_not(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Add", ["x", "shift"], ["s"]),
        helper.make_node("MatMul", ["s", "w"], ["y"]),
    ]
    w = np.array([[1, 0], [0, 2], [3, 0]], dtype=np.float32)
    path = save(tmp_path / "m.onnx", nodes, {"w": w, "shift": np.ones((1, 3), np.float32)})
    (stat,) = onnx_file.weights(path)
    assert (stat.name, stat.shape, stat.nonzero, stat.size) == ("w", (2, 3), 3, 6)


def test_an_integer_weight_is_zero_at_the_zero_point_of_its_channel(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("DequantizeLinear", ["w_quantized", "scale", "zero"], ["w"], axis=1),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    tensors: dict[str, NDArray[np.generic]] = {
        "w_quantized": np.array([[5, 0], [5, 5], [0, 7]], dtype=np.int8),
        "scale": np.ones(2, np.float32),
        "zero": np.array([5, 7], dtype=np.int8),
    }
    (stat,) = onnx_file.weights(save(tmp_path / "m.onnx", nodes, tensors))
    # Column 0 differs from 5 once, column 1 from 7 twice.
    assert (stat.name, stat.nonzero) == ("w", 3)


def test_a_weight_kept_in_another_file_is_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    path = save(tmp_path / "m.onnx", nodes, {"w": np.ones((3, 2), np.float32)})
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="w.bin", size_threshold=0)
    with pytest.raises(InferenceError, match="another file"):
        onnx_file.weights(path)


@pytest.mark.parametrize("content", [b"", b"not an onnx file", b"\x00" * 64])
def test_what_is_not_onnx_is_an_inference_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(InferenceError, match=r"m\.onnx"):
        onnx_file.weights(path)


def test_writing_strips_descriptions_at_every_depth(tmp_path: Path) -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], doc_string="made in secret/place.py")]
    path = save(tmp_path / "m.onnx", nodes, {"w": np.ones((3, 2), np.float32)})
    proto = onnx.load(path)
    proto.graph.input[0].metadata_props.add(key="trace", value="secret/place.py")
    onnx_file.write(proto, path)
    assert b"secret" not in path.read_bytes()
    assert onnx_file.weights(path)[0].nonzero == 6
