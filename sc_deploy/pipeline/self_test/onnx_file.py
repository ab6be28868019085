"""The over-fitted network as an ONNX file that ONNX Runtime loads and runs."""

from __future__ import annotations

from importlib import util
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.evidence import ARTIFACT
from sc_deploy.contracts import Outcome
from sc_deploy.pipeline.self_test import telling
from sc_deploy.pipeline.self_test.laboratory import answering
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen

if TYPE_CHECKING:
    from sc_deploy.pipeline.self_test.laboratory import Laboratory
    from sc_deploy.pipeline.self_test.perceptron import Perceptron

NEEDED: Final = ("onnx", "onnxruntime")


def _examine(laboratory: Laboratory) -> Observation:
    import onnxruntime

    evidence = laboratory.leaky
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        _file(laboratory.memoriser), options, providers=["CPUExecutionProvider"]
    )
    answers = {
        role: session.run(None, {"x": known.inputs})[0]
        for role, known in evidence.known[ARTIFACT].items()
    }
    assert evidence.source is not None
    worst = max(
        float(np.abs(answers[role] - evidence.source[role].logits).max()) for role in answers
    )
    audit, verdict = laboratory.judge(answering(evidence, answers))
    told = f"{telling.verdict(audit, verdict)}, logits {worst:.1g} off"
    return Observation(told, verdict.outcome is Outcome.FAIL and worst < 1e-3)


def _file(model: Perceptron) -> bytes:
    """Gemm, Relu, Gemm."""
    from onnx import TensorProto, checker, helper, numpy_helper

    names = ("w0", "w1", "b0", "b1")
    arrays = (*model.weights, *model.biases)
    inside, outside = model.weights[0].shape[0], model.weights[1].shape[1]
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "w0", "b0"], ["h"]),
            helper.make_node("Relu", ["h"], ["r"]),
            helper.make_node("Gemm", ["r", "w1", "b1"], ["logits"]),
        ],
        "perceptron",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", inside])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", outside])],
        [numpy_helper.from_array(a, n) for a, n in zip(arrays, names, strict=True)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(made)
    return bytes(made.SerializeToString())


def _missing() -> tuple[str, ...]:
    return tuple(name for name in NEEDED if util.find_spec(name) is None)


SPECIMEN: Final = Specimen(
    "ONNX file",
    "the over-fitted model as a file that ONNX Runtime answers from",
    "FAIL, with the logits of the model",
    _examine,
    _missing,
)
