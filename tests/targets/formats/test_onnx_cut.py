"""An ONNX file cut before its last layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from sc_deploy.targets.formats.onnx_cut import last_layer_inputs

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(0)
FIRST = RNG.normal(size=(5, 7)).astype(np.float32)
LAST = RNG.normal(size=(7, 3)).astype(np.float32)
BIAS = RNG.normal(size=3).astype(np.float32)


def written(path: Path, nodes: list[onnx.NodeProto], *, turned: bool = False) -> Path:
    constants = {"first": FIRST, "last": LAST.T.copy() if turned else LAST, "bias": BIAS}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 5])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", None])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(model, path)
    return path


HEAD = [
    helper.make_node("MatMul", ["input", "first"], ["z"]),
    helper.make_node("Relu", ["z"], ["h"]),
]
ENDS = {
    "product and sum": [
        helper.make_node("MatMul", ["h", "last"], ["m"]),
        helper.make_node("Add", ["m", "bias"], ["logits"]),
    ],
    "one layer": [helper.make_node("Gemm", ["h", "last", "bias"], ["logits"])],
    "turned": [helper.make_node("Gemm", ["h", "last", "bias"], ["logits"], transB=1)],
}


@pytest.mark.parametrize("end", ENDS)
def test_what_the_last_layer_reads_is_what_the_file_computes(tmp_path: Path, end: str) -> None:
    model = written(tmp_path / "a.onnx", [*HEAD, *ENDS[end]], turned=end == "turned")
    assert last_layer_inputs(model, tmp_path / "cut.onnx") == 7
    x = RNG.normal(size=(4, 5)).astype(np.float32)
    (found,) = ort.InferenceSession(tmp_path / "cut.onnx").run(None, {"input": x})
    np.testing.assert_allclose(found, np.maximum(x @ FIRST, 0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "nodes",
    [
        [*HEAD, helper.make_node("Softmax", ["h"], ["logits"])],
        [helper.make_node("MatMul", ["input", "first"], ["logits"])],
        [*HEAD, helper.make_node("Add", ["h", "z"], ["logits"])],
    ],
    ids=["no layer", "only one layer", "two branches"],
)
def test_a_file_that_ends_otherwise_is_left_alone(
    tmp_path: Path, nodes: list[onnx.NodeProto]
) -> None:
    model = written(tmp_path / "a.onnx", nodes)
    assert last_layer_inputs(model, tmp_path / "cut.onnx") is None
    assert not (tmp_path / "cut.onnx").exists()
