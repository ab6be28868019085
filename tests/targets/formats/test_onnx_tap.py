"""A brought ONNX file is read before its softmax, whatever stands around that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sc_deploy.contracts import Scale, Tap, Taps
from sc_deploy.errors import InferenceError, UsageError
from sc_deploy.targets.formats.onnx import ONNX
from sc_deploy.targets.formats.runners.onnx_session import open_session

FEATURES, CLASSES = 6, 3
WEIGHT = np.random.default_rng(0).normal(size=(FEATURES, CLASSES)).astype(np.float32)
Step = tuple[str, dict[str, Any]]
STEPS: tuple[Step, ...] = ("QuantizeLinear", {}), ("DequantizeLinear", {})


def write(path: Path, *tail: Step, outputs: int = 1, width: int = CLASSES, kind: str = "") -> Path:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    constants: dict[str, Any] = {
        "weight": WEIGHT[:, :width],
        "step": np.array(1 / 128, np.float32),
        "zero": np.array(0, np.uint8),
        "shape": np.array([0, -1], np.int64),
    }
    rounding = ["step", "zero"]
    more = {"QuantizeLinear": rounding, "DequantizeLinear": rounding, "Reshape": ["shape"]}
    nodes, name = [helper.make_node("MatMul", ["x", "weight"], ["scores"])], "scores"
    for number, (operator, settings) in enumerate(tail):
        made = f"t{number}"
        inputs = [name, *more.get(operator, [])]
        domain = "com.microsoft" if operator == "QLinearSoftmax" else ""
        nodes.append(helper.make_node(operator, inputs, [made], domain=domain, **settings))
        name = made
    output = helper.make_tensor_value_info(
        name, getattr(TensorProto, kind or "FLOAT"), ["n", width]
    )
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", FEATURES])
    also = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", width])]
    graph = helper.make_graph(
        nodes,
        "tail",
        [given],
        [output, *also[: outputs - 1]],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def opened(folder: Path, *tail: Step, **settings: Any) -> Taps:
    scratch = folder / "scratch"
    scratch.mkdir()
    return ONNX.taps(write(folder / "model.onnx", *tail, **settings), scratch)


def run(tap: Tap, x: Any) -> Any:
    import onnxruntime as ort

    path = tap.folder / tap.artifact.files[0].path
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"x": x})
    return answer


@pytest.mark.parametrize(
    ("tail", "scale"),
    [
        ([("Softmax", {})], Scale.PROBABILITIES),
        ([("Softmax", {"axis": 1})], Scale.PROBABILITIES),
        ([("LogSoftmax", {})], Scale.LOG_PROBABILITIES),
        ([("Softmax", {}), ("Log", {})], Scale.LOG_PROBABILITIES),
        ([("Softmax", {}), ("Identity", {})], Scale.PROBABILITIES),
        ([("Softmax", {}), *STEPS], Scale.PROBABILITIES),
        ([*STEPS, ("Softmax", {}), *STEPS], Scale.PROBABILITIES),
        ([("Softmax", {}), ("Reshape", {})], Scale.PROBABILITIES),
        ([("Cast", {"to": 10}), ("Softmax", {}), ("Cast", {"to": 1})], Scale.PROBABILITIES),
    ],
)
def test_the_tensor_before_softmax_is_read(tmp_path: Path, tail: list[Step], scale: Scale) -> None:
    taps = opened(tmp_path, *tail)
    x = np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    assert taps.attacked.scale is Scale.LOGITS
    assert taps.public is not None
    assert taps.public.scale is scale
    np.testing.assert_allclose(run(taps.attacked, x), x @ WEIGHT, atol=1e-5)
    assert taps.public.artifact.files[0].path == "model.onnx"
    assert taps.shipped.files == taps.public.artifact.files


def decomposed(path: Path) -> Path:
    """A softmax as many exporters write it: exp(z - max z) / sum(exp(z - max z))."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    proto = onnx.load(write(path, ("Identity", {})))
    proto.graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "axis"))
    parts: tuple[tuple[str, list[str], str, dict[str, Any]], ...] = (
        ("ReduceMax", ["t0"], "top", {"axes": [1]}),
        ("Sub", ["t0", "top"], "below", {}),
        ("Exp", ["below"], "exp", {}),
        ("ReduceSum", ["exp", "axis"], "sum", {}),
        ("Div", ["exp", "sum"], "share", {}),
    )
    for operator, inputs, made, settings in parts:
        proto.graph.node.append(helper.make_node(operator, inputs, [made], **settings))
    del proto.graph.output[:]
    proto.graph.output.append(
        helper.make_tensor_value_info("share", TensorProto.FLOAT, ["n", CLASSES])
    )
    onnx.save(proto, path)
    return path


def with_reciprocal(path: Path, *, turned: bool) -> Path:
    """The same with a product in place of the division."""
    import onnx
    from onnx import helper

    proto = onnx.load(decomposed(path))
    del proto.graph.node[-1]
    factors = ["inverse", "exp"] if turned else ["exp", "inverse"]
    proto.graph.node.append(helper.make_node("Reciprocal", ["sum"], ["inverse"]))
    proto.graph.node.append(helper.make_node("Mul", factors, ["share"]))
    onnx.save(proto, path)
    return path


@pytest.mark.parametrize("by", ["a division", "a reciprocal", "a reciprocal that comes first"])
def test_a_softmax_in_parts_is_read_before_its_exp(tmp_path: Path, by: str) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    path = tmp_path / "model.onnx"
    if by == "a division":
        decomposed(path)
    else:
        with_reciprocal(path, turned=by.endswith("first"))
    taps = ONNX.taps(path, scratch)
    assert taps.attacked.tensor == "below"
    assert taps.attacked.scale is Scale.LOGITS
    assert taps.ending == ("Exp, Div" if by == "a division" else "Exp, Mul")
    assert taps.public is not None
    assert taps.public.scale is Scale.PROBABILITIES
    x = 100 * np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    z = x @ WEIGHT
    np.testing.assert_allclose(run(taps.attacked, x), z - z.max(axis=1)[:, None], rtol=1e-5)


def sigmoid_in_parts(path: Path, *, inverse: str, width: int = 1, one: float = 1.0) -> Path:
    """1 / (1 + exp(-z)) as older exporters write it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    proto = onnx.load(write(path, ("Neg", {}), ("Exp", {}), width=width))
    proto.graph.initializer.append(numpy_helper.from_array(np.array(one, np.float32), "one"))
    given = ["more"] if inverse == "Reciprocal" else ["one", "more"]
    proto.graph.node.append(helper.make_node("Add", ["one", "t1"], ["more"]))
    proto.graph.node.append(helper.make_node(inverse, given, ["p"]))
    del proto.graph.output[:]
    proto.graph.output.append(helper.make_tensor_value_info("p", TensorProto.FLOAT, ["n", width]))
    onnx.save(proto, path)
    return path


@pytest.mark.parametrize("inverse", ["Reciprocal", "Div"])
def test_a_sigmoid_in_parts_is_read_before_its_neg(tmp_path: Path, inverse: str) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    taps = ONNX.taps(sigmoid_in_parts(tmp_path / "model.onnx", inverse=inverse), scratch)
    assert taps.attacked.tensor == "scores"
    assert taps.public is not None
    assert taps.public.scale is Scale.PROBABILITIES
    x = np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    inner, public = run(taps.attacked, x), run(taps.public, x)
    np.testing.assert_allclose(1 / (1 + np.exp(-inner)), public, atol=1e-6)


def test_two_in_place_of_one_makes_no_sigmoid(tmp_path: Path) -> None:
    taps = ONNX.taps(sigmoid_in_parts(tmp_path / "m.onnx", inverse="Div", one=2.0), tmp_path)
    assert taps.public is None


def test_sigmoids_in_parts_of_several_labels_are_refused(tmp_path: Path) -> None:
    path = sigmoid_in_parts(tmp_path / "model.onnx", inverse="Reciprocal", width=CLASSES)
    with pytest.raises(UsageError, match="many labels at once"):
        ONNX.taps(path, tmp_path)


def zip_map(path: Path) -> Path:
    """What skl2onnx writes: a label, and a map from class to score for each sample."""
    import onnx
    from onnx import TensorProto, helper

    proto = onnx.load(write(path, ("Softmax", {})))
    labels: dict[str, Any] = {"classlabels_int64s": list(range(CLASSES)), "domain": "ai.onnx.ml"}
    proto.graph.node.append(helper.make_node("ZipMap", ["t0"], ["maps"], **labels))
    proto.graph.node.append(helper.make_node("ArgMax", ["t0"], ["label"], axis=1, keepdims=0))
    kind = helper.make_tensor_type_proto(TensorProto.FLOAT, [])
    maps = helper.make_sequence_type_proto(helper.make_map_type_proto(TensorProto.INT64, kind))
    del proto.graph.output[:]
    proto.graph.output.append(helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]))
    proto.graph.output.append(helper.make_value_info("maps", maps))
    proto.opset_import.append(helper.make_opsetid("ai.onnx.ml", 1))
    onnx.save(proto, path)
    return path


def test_maps_of_scores_are_refused_with_the_option_that_avoids_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not one tensor of scores") as refusal:
        ONNX.taps(zip_map(tmp_path / "model.onnx"), tmp_path)
    assert "options={'zipmap': False}" in refusal.value.remedy


def test_scores_beside_maps_are_read(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    path = zip_map(tmp_path / "model.onnx")
    proto = onnx.load(path)
    proto.graph.output.append(
        helper.make_tensor_value_info("t0", TensorProto.FLOAT, ["n", CLASSES])
    )
    onnx.save(proto, path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert ONNX.taps(path, scratch).attacked.tensor == "scores"


@pytest.mark.parametrize("by", ["another tensor", "a sum over the batch"])
def test_a_division_by_something_else_is_no_softmax(tmp_path: Path, by: str) -> None:
    import onnx
    from onnx import numpy_helper

    path = decomposed(tmp_path / "model.onnx")
    proto = onnx.load(path)
    if by == "another tensor":
        proto.graph.node[-1].input[1] = "top"
    else:
        (axis,) = (t for t in proto.graph.initializer if t.name == "axis")
        axis.CopyFrom(numpy_helper.from_array(np.array([0], np.int64), "axis"))
    onnx.save(proto, path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    taps = ONNX.taps(path, scratch)
    assert taps.attacked.tensor == "share"
    assert taps.public is None


def test_operators_that_go_round_in_a_circle_are_refused(tmp_path: Path) -> None:
    import onnx

    path = write(tmp_path / "model.onnx", ("Identity", {}), ("Identity", {}))
    proto = onnx.load(path)
    proto.graph.node[1].input[0] = "t1"
    onnx.save(proto, path)
    with pytest.raises(InferenceError, match="in a circle"):
        ONNX.taps(path, tmp_path)


def test_scores_of_several_positions_a_sample_are_refused(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    path = write(tmp_path / "model.onnx", ("Reshape", {}))
    proto = onnx.load(path)
    (shape,) = (t for t in proto.graph.initializer if t.name == "shape")
    shape.CopyFrom(numpy_helper.from_array(np.array([0, CLASSES, 1, 2], np.int64), "shape"))
    del proto.graph.output[:]
    sizes: list[str | int | None] = ["n", CLASSES, 1, 2]
    proto.graph.output.append(helper.make_tensor_value_info("t0", TensorProto.FLOAT, sizes))
    onnx.save(proto, path)
    with pytest.raises(UsageError, match=r"\[n, 3, 2\] a batch, .* more than one set of scores"):
        ONNX.taps(path, tmp_path)


def test_logits_are_read_before_they_are_rounded(tmp_path: Path) -> None:
    taps = opened(tmp_path, *STEPS)
    assert taps.attacked.tensor == "scores"
    assert taps.public is not None
    assert taps.public.scale is Scale.LOGITS
    assert taps.shipped.precision == "int8"


@pytest.mark.parametrize("tail", [(), (("Identity", {}),)])
def test_a_file_that_ends_in_logits_is_read_as_it_is(tmp_path: Path, tail: Any) -> None:
    taps = opened(tmp_path, *tail)
    assert taps.public is None
    assert taps.attacked.folder == tmp_path
    assert taps.attacked.artifact == taps.shipped


def test_an_answer_of_integers_is_given_its_scale_back(tmp_path: Path) -> None:
    taps = opened(tmp_path, ("Softmax", {}), ("QuantizeLinear", {}), kind="UINT8")
    x = np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    assert taps.public is not None
    public = run(taps.public, x)
    assert public.dtype == np.float32
    np.testing.assert_allclose(public.sum(axis=1), 1.0, atol=3 / 128)


def test_the_operator_of_quantized_runtimes_is_known(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    path = write(tmp_path / "model.onnx", ("QuantizeLinear", {}), kind="UINT8")
    proto = onnx.load(path)
    names = ["t0", "step", "zero", "step", "zero"]
    proto.graph.node.append(
        helper.make_node("QLinearSoftmax", names, ["q"], domain="com.microsoft", axis=-1, opset=17)
    )
    proto.graph.node.append(helper.make_node("DequantizeLinear", ["q", "step", "zero"], ["y"]))
    del proto.graph.output[:]
    proto.graph.output.append(helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", CLASSES]))
    onnx.save(proto, path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    taps = ONNX.taps(path, scratch)
    assert taps.attacked.tensor == "scores"
    x = np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    np.testing.assert_allclose(run(taps.attacked, x), x @ WEIGHT, atol=1e-5)


def test_a_sigmoid_of_one_value_is_a_binary_classifier(tmp_path: Path) -> None:
    taps = opened(tmp_path, ("Sigmoid", {}), width=1)
    assert taps.attacked.tensor == "scores"
    assert taps.attacked.artifact.output.shape == (1,)
    assert taps.public is not None
    assert taps.public.scale is Scale.PROBABILITIES


def test_sigmoids_of_several_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="many labels at once"):
        opened(tmp_path, ("Sigmoid", {}))


def test_a_softmax_over_the_batch_is_no_posterior(tmp_path: Path) -> None:
    taps = opened(tmp_path, ("Softmax", {"axis": 0}))
    assert taps.attacked.tensor == "t0"
    assert taps.public is None


def test_of_several_outputs_nobody_guesses_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not one tensor of scores"):
        opened(tmp_path, ("Softmax", {}), outputs=2)


def with_reshaped_scores(path: Path, shape: list[int]) -> Path:
    """A file that answers its softmax, and its scores once more in this shape."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(write(path, ("Softmax", {})))
    axes = numpy_helper.from_array(np.array([-1, *shape], np.int64), "axes")
    model.graph.initializer.append(axes)
    repeat = [helper.make_node("Concat", ["scores"] * (np.prod(shape) // CLASSES), ["all"], axis=1)]
    model.graph.node.extend([*repeat, helper.make_node("Reshape", ["all", "axes"], ["again"])])
    model.graph.output.append(
        helper.make_tensor_value_info("again", TensorProto.FLOAT, ["n", *shape])
    )
    onnx.save(model, path)
    return path


def test_other_axes_of_one_hide_no_scores_beside_those_that_are_asked(tmp_path: Path) -> None:
    file = with_reshaped_scores(tmp_path / "model.onnx", [1, CLASSES])
    with pytest.raises(UsageError, match="not one tensor of scores"):
        ONNX.taps(file, tmp_path)


def test_scores_beside_feature_maps_are_found(tmp_path: Path) -> None:
    file = with_reshaped_scores(tmp_path / "model.onnx", [2, CLASSES])
    assert ONNX.taps(file, tmp_path).attacked.tensor == "scores"


def test_scores_of_eight_bits_beside_features_are_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not one tensor of scores"):
        opened(tmp_path, ("Softmax", {}), STEPS[0], outputs=2, kind="UINT8")


def test_an_answer_without_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not one tensor of scores"):
        opened(tmp_path, ("Cast", {"to": 7}), kind="INT64")


def test_a_fixed_batch_is_refused(tmp_path: Path) -> None:
    import onnx

    path = write(tmp_path / "model.onnx")
    proto = onnx.load(path)
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 4
    onnx.save(proto, path)
    with pytest.raises(InferenceError, match="fixed at 4"):
        ONNX.taps(path, tmp_path)


def test_a_batch_of_one_is_answered_sample_by_sample(tmp_path: Path) -> None:
    import onnx

    path = write(tmp_path / "model.onnx", ("Softmax", {}))
    proto = onnx.load(path)
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(proto, path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    tap = ONNX.taps(path, scratch).attacked
    session = open_session(str(tap.folder / tap.artifact.files[0].path))
    x = np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    np.testing.assert_allclose(session.infer(x), x @ WEIGHT, atol=1e-5)
    session.close()


def test_an_axis_of_minus_one_is_free(tmp_path: Path) -> None:
    import onnx

    path = write(tmp_path / "model.onnx")
    proto = onnx.load(path)
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = -1
    onnx.save(proto, path)
    taps = ONNX.taps(path, tmp_path)
    x = np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    np.testing.assert_allclose(run(taps.attacked, x), x @ WEIGHT, atol=1e-5)


def test_weights_in_a_file_beside_are_part_of_what_ships(tmp_path: Path) -> None:
    import onnx

    path = write(tmp_path / "model.onnx", ("Softmax", {}))
    proto = onnx.load(path)
    onnx.save(proto, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    taps = ONNX.taps(path, scratch)
    assert [file.path for file in taps.shipped.files] == ["model.onnx", "w.bin"]
    x = np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
    np.testing.assert_allclose(run(taps.attacked, x), x @ WEIGHT, atol=1e-5)
