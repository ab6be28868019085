"""A brought LiteRT file is read before its softmax, whatever stands around that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sc_deploy.contracts import Scale, Tap, Taps
from sc_deploy.contracts.arrays import Float32
from sc_deploy.errors import InferenceError, UsageError
from sc_deploy.targets.formats import litert_tap
from sc_deploy.targets.formats.conversion import converting
from sc_deploy.targets.formats.runners.litert_session import open_session
from tests.targets.formats.litert_graphs import (
    PROBABILITY,
    Drawing,
    Place,
    Step,
    linear,
    quantized,
    real,
)

FEATURES, CLASSES = 6, 3
LOGIT: Step = (0.05, 3)
WEIGHT = np.random.default_rng(0).normal(size=(FEATURES, CLASSES)).astype(np.float32)
X = np.random.default_rng(1).normal(size=(5, FEATURES)).astype(np.float32)
Tail = Callable[[Drawing, Place], Place]


def softmax(d: Drawing, z: Place) -> Place:
    return d.add("SOFTMAX", [z], z)


def log_softmax(d: Drawing, z: Place) -> Place:
    return d.add("LOG_SOFTMAX", [z], z)


def log_of_softmax(d: Drawing, z: Place) -> Place:
    return d.add("LOG", [softmax(d, z)], z)


def softmax_of_eight_bits(d: Drawing, z: Place) -> Place:
    q = d.add("QUANTIZE", [z], quantized(z, LOGIT))
    p = d.add("SOFTMAX", [q], quantized(z, PROBABILITY))
    return d.add("DEQUANTIZE", [p], real(z))


def rounded_afterwards(d: Drawing, z: Place) -> Place:
    return d.add("QUANTIZE", [softmax(d, z)], quantized(z, PROBABILITY))


def reshaped(d: Drawing, z: Place) -> Place:
    return reshape(d, softmax(d, reshape(d, z, (1, 1, 1, CLASSES))), (1, CLASSES))


def reshape(d: Drawing, z: Place, shape: tuple[int, ...]) -> Place:
    wanted = d.constant(np.array(shape, np.int32))
    return d.add("RESHAPE", [z, wanted], Place(-1, shape, z.kind, z.step))


def in_parts(d: Drawing, z: Place, *, times: bool = False, axis: int = 1) -> Place:
    one = Place(-1, (1, 1), "float32", None)
    top = d.add("REDUCE_MAX", [z, d.constant(np.array([1], np.int32))], one, keepDims=True)
    exp = d.add("EXP", [d.add("SUB", [z, top], z, name="below")], z)
    total = d.add("SUM", [exp, d.constant(np.array([axis], np.int32))], one)
    if times:
        inverse = d.add("DIV", [d.constant(np.ones((1, 1), np.float32)), total], one)
        return d.add("MUL", [inverse, exp], z)
    return d.add("DIV", [exp, total], z)


def sigmoid(d: Drawing, z: Place) -> Place:
    return d.add("LOGISTIC", [z], z)


def sigmoid_in_parts(d: Drawing, z: Place) -> Place:
    one = d.constant(np.ones((1, 1), np.float32))
    exp = d.add("EXP", [d.add("NEG", [z], z)], z)
    return d.add("DIV", [one, d.add("ADD", [exp, one], z)], z)


def draw(path: Path, tail: Tail | None, *, width: int = CLASSES) -> Path:
    d = Drawing()
    x = d.tensor((1, FEATURES), name="x")
    z = linear(d, x, WEIGHT[:, :width])
    y = z if tail is None else tail(d, z)
    d.sign(x, y)
    return d.write(path, [x], [y])


def opened(folder: Path, file: Path) -> Taps:
    scratch = folder / "scratch"
    scratch.mkdir()
    return litert_tap.taps(file, scratch)


def drawn(folder: Path, tail: Tail | None, *, width: int = CLASSES) -> Taps:
    return opened(folder, draw(folder / "model.tflite", tail, width=width))


def run(tap: Tap, x: Any) -> Float32:
    session = open_session(str(tap.folder / tap.artifact.files[0].path))
    answers = session.infer(x)
    session.close()
    return answers


def share(z: Float32) -> Float32:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    found: Float32 = powers / powers.sum(axis=1, keepdims=True)
    return found


@pytest.mark.parametrize(
    ("tail", "scale"),
    [
        (softmax, Scale.PROBABILITIES),
        (log_softmax, Scale.LOG_PROBABILITIES),
        (log_of_softmax, Scale.LOG_PROBABILITIES),
        (softmax_of_eight_bits, Scale.PROBABILITIES),
        (rounded_afterwards, Scale.PROBABILITIES),
        (reshaped, Scale.PROBABILITIES),
    ],
)
def test_the_tensor_before_softmax_is_read(tmp_path: Path, tail: Tail, scale: Scale) -> None:
    taps = drawn(tmp_path, tail)
    assert taps.attacked.scale is Scale.LOGITS
    assert taps.public is not None
    assert taps.public.scale is scale
    np.testing.assert_allclose(run(taps.attacked, X), X @ WEIGHT, atol=1e-5)
    assert taps.public.artifact.files == taps.shipped.files
    assert taps.shipped.files[0].path == "model.tflite"
    public = run(taps.public, X)
    shares = public if scale is Scale.PROBABILITIES else np.exp(public)
    np.testing.assert_allclose(shares, share(X @ WEIGHT), atol=0.02)


@pytest.mark.parametrize("times", [False, True])
def test_a_softmax_in_parts_is_read_before_its_exp(tmp_path: Path, times: bool) -> None:
    taps = drawn(tmp_path, lambda d, z: in_parts(d, z, times=times))
    assert taps.attacked.tensor == "below"
    assert taps.ending == ("EXP, MUL" if times else "EXP, DIV")
    z = X @ WEIGHT
    np.testing.assert_allclose(run(taps.attacked, X), z - z.max(axis=1)[:, None], atol=1e-5)
    assert taps.public is not None
    np.testing.assert_allclose(run(taps.public, X), share(z), atol=1e-5)


def test_a_division_by_a_sum_over_something_else_is_no_softmax(tmp_path: Path) -> None:
    taps = drawn(tmp_path, lambda d, z: in_parts(d, z, axis=0))
    assert taps.public is None


@pytest.mark.parametrize("tail", [sigmoid, sigmoid_in_parts])
def test_a_sigmoid_of_one_value_is_a_binary_classifier(tmp_path: Path, tail: Tail) -> None:
    taps = drawn(tmp_path, tail, width=1)
    assert taps.attacked.tensor == "scores"
    assert taps.attacked.artifact.output.shape == (1,)
    assert taps.public is not None
    assert taps.public.scale is Scale.PROBABILITIES
    np.testing.assert_allclose(run(taps.attacked, X), X @ WEIGHT[:, :1], atol=1e-5)


@pytest.mark.parametrize("tail", [sigmoid, sigmoid_in_parts])
def test_sigmoids_of_several_labels_are_refused(tmp_path: Path, tail: Tail) -> None:
    with pytest.raises(UsageError, match="many labels at once"):
        drawn(tmp_path, tail)


def whole_numbers(folder: Path, *, tail: bool = True) -> Path:
    """int8 throughout, as full integer quantization leaves it."""
    d = Drawing()
    x = d.tensor((1, FEATURES), "int8", step=(0.02, -7), name="x")
    weight = d.constant(np.round(WEIGHT.T * 50).astype(np.int8), step=(0.02, 0))
    bias = d.constant(np.zeros(CLASSES, np.int32), step=(0.0004, 0))
    scores = Place(-1, (1, CLASSES), "int8", LOGIT)
    z = d.add("FULLY_CONNECTED", [x, weight, bias], scores, name="scores")
    d.model.operatorCodes[-1].version = 4
    y = d.add("SOFTMAX", [z], quantized(z, PROBABILITY)) if tail else z
    return d.write(folder / "model.tflite", [x], [y])


def test_a_tensor_of_whole_numbers_is_given_its_scale_and_zero_point_back(tmp_path: Path) -> None:
    taps = opened(tmp_path, whole_numbers(tmp_path))
    assert taps.shipped.input.dtype == "float32"
    assert taps.shipped.precision == "int8"
    assert taps.attacked.tensor == "scores"
    small = np.clip(X, -2, 2)
    inner = run(taps.attacked, small)
    np.testing.assert_allclose(inner, small @ WEIGHT, atol=0.25)
    # On the lattice of the file's own step and zero point, and nowhere between.
    places = inner / np.float32(LOGIT[0])
    np.testing.assert_allclose(places, np.round(places), atol=1e-3)
    assert taps.public is not None
    public = run(taps.public, small)
    np.testing.assert_allclose(share(inner), public, atol=1.5 / 256)


def test_logits_of_whole_numbers_are_read_as_they_stand(tmp_path: Path) -> None:
    taps = opened(tmp_path, whole_numbers(tmp_path, tail=False))
    assert taps.public is None
    assert taps.attacked.folder == tmp_path


def test_logits_are_read_before_they_are_rounded(tmp_path: Path) -> None:
    def rounded(d: Drawing, z: Place) -> Place:
        return d.add("DEQUANTIZE", [d.add("QUANTIZE", [z], quantized(z, LOGIT))], z)

    taps = drawn(tmp_path, rounded)
    assert taps.attacked.tensor == "scores"
    assert taps.ending == "QUANTIZE, DEQUANTIZE"
    assert taps.public is not None
    assert taps.public.scale is Scale.LOGITS


def test_a_file_that_ends_in_logits_is_read_as_it_is(tmp_path: Path) -> None:
    taps = drawn(tmp_path, None)
    assert taps.public is None
    assert taps.attacked.folder == tmp_path
    assert taps.attacked.artifact == taps.shipped


def test_scores_with_axes_of_one_are_flattened(tmp_path: Path) -> None:
    shape = (1, 1, 1, CLASSES)
    taps = drawn(tmp_path, lambda d, z: softmax(d, reshape(d, z, shape)))
    assert taps.public is not None
    np.testing.assert_allclose(run(taps.attacked, X), X @ WEIGHT, atol=1e-5)
    np.testing.assert_allclose(run(taps.public, X), share(X @ WEIGHT), atol=1e-5)


def test_scores_of_several_positions_a_sample_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not one set of scores a sample"):
        drawn(tmp_path, lambda d, z: reshape(d, z, (CLASSES, 1)))


def test_a_layer_that_remembers_answers_each_sample_afresh(tmp_path: Path) -> None:
    d = Drawing()
    x = d.tensor((1, 2, FEATURES), name="x")
    state = d.tensor((1, CLASSES), name="state")
    d.graph.tensors[state.number].isVariable = True
    weights = [WEIGHT.T, np.eye(CLASSES, dtype=np.float32), np.zeros(CLASSES, np.float32)]
    given = [x, *map(d.constant, weights), state]
    steps = Place(-1, (1, 2, CLASSES), "float32", None)
    z = d.add("UNIDIRECTIONAL_SEQUENCE_RNN", given, steps, fusedActivationFunction=0)
    z = reshape(d, z, (1, 6))
    taps = opened(tmp_path, d.write(tmp_path / "model.tflite", [x], [softmax(d, z)]))
    once = np.random.default_rng(1).normal(size=(1, 2, FEATURES)).astype(np.float32)
    first, second, third = run(taps.attacked, np.repeat(once, 3, axis=0))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, third)
    np.testing.assert_allclose(first[:CLASSES], once[0, 0] @ WEIGHT, atol=1e-5)


@pytest.mark.parametrize("batch", [-1, 4])
def test_a_batch_of_any_size_is_answered(tmp_path: Path, batch: int) -> None:
    d = Drawing()
    x = d.tensor((batch, FEATURES), name="x")
    y = softmax(d, linear(d, x, WEIGHT))
    taps = opened(tmp_path, d.write(tmp_path / "model.tflite", [x], [y]))
    np.testing.assert_allclose(run(taps.attacked, X), X @ WEIGHT, atol=1e-5)


def test_token_ids_of_32_bits_are_samples_of_whole_numbers(tmp_path: Path) -> None:
    d = Drawing()
    x = d.tensor((1, FEATURES), "int32", name="ids")
    z = linear(d, d.add("CAST", [x], Place(-1, x.shape, "float32", None)), WEIGHT)
    taps = opened(tmp_path, d.write(tmp_path / "model.tflite", [x], [softmax(d, z)]))
    assert taps.shipped.input.dtype == "int64"
    ids = np.arange(12, dtype=np.int64).reshape(2, FEATURES)
    np.testing.assert_allclose(run(taps.attacked, ids), ids.astype("f4") @ WEIGHT, rtol=1e-4)


def test_the_signature_of_a_copy_names_its_new_output(tmp_path: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    taps = drawn(tmp_path, softmax)
    file = taps.attacked.folder / taps.attacked.artifact.files[0].path
    runner = Interpreter(model_path=str(file)).get_signature_runner("serve")
    (answer,) = runner(x=X[:1]).values()
    np.testing.assert_allclose(answer, X[:1] @ WEIGHT, atol=1e-5)


def two(folder: Path, other: Tail) -> Path:
    """The softmax of scores, and beside it something else that is made of them."""
    d = Drawing()
    x = d.tensor((1, FEATURES), name="x")
    z = linear(d, x, WEIGHT)
    y, beside = softmax(d, z), other(d, z)
    d.sign(x, beside, y)
    return d.write(folder / "model.tflite", [x], [beside, y])


def test_scores_beside_feature_maps_are_found(tmp_path: Path) -> None:
    def features(d: Drawing, z: Place) -> Place:
        return reshape(d, d.add("CONCATENATION", [z, z], wide(z), axis=1), (1, 1, 1, 2 * CLASSES))

    taps = opened(tmp_path, two(tmp_path, features))
    assert taps.public is not None
    np.testing.assert_allclose(run(taps.public, X), share(X @ WEIGHT), atol=1e-5)
    np.testing.assert_allclose(run(taps.attacked, X), X @ WEIGHT, atol=1e-5)


def wide(z: Place) -> Place:
    return Place(-1, (1, 2 * CLASSES), z.kind, z.step)


@pytest.mark.parametrize("shape", [(1, CLASSES), (1, 1, 1, CLASSES)])
def test_of_several_outputs_nobody_guesses_one(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Other axes of one hide no scores beside those that are asked."""
    with pytest.raises(UsageError, match="not one tensor of scores"):
        opened(tmp_path, two(tmp_path, lambda d, z: reshape(d, z, shape)))


def test_a_signature_that_answers_past_the_graph_is_refused(tmp_path: Path) -> None:
    """An app would read the leaky tensor by the signature, the audit a harmless one."""
    d = Drawing()
    x = d.tensor((1, FEATURES), name="x")
    leaky, harmless = linear(d, x, WEIGHT), linear(d, x, -WEIGHT, name="harmless")
    d.sign(x, leaky)
    with pytest.raises(UsageError, match="signature serve answers other tensors"):
        opened(tmp_path, d.write(tmp_path / "model.tflite", [x], [harmless]))


def test_an_operator_of_the_schema_goes_by_no_other_name(tmp_path: Path) -> None:
    def renamed(d: Drawing, z: Place) -> Place:
        y = softmax_of_eight_bits(d, z)
        d.model.operatorCodes[-2].customCode = b"FLOOR"
        return y

    assert drawn(tmp_path, renamed).attacked.tensor == "scores"


@pytest.mark.parametrize("graph", [0, 1])
def test_of_several_signatures_nobody_guesses_one(tmp_path: Path, graph: int) -> None:
    d = Drawing()
    x = d.tensor((1, FEATURES), name="x")
    y = linear(d, x, WEIGHT)
    d.sign(x, y, graph=graph)
    if graph == 0:
        d.sign(x, y, key="train")
    with pytest.raises(UsageError, match=r"signatures \(serve"):
        opened(tmp_path, d.write(tmp_path / "model.tflite", [x], [y]))


def test_labels_in_place_of_scores_are_refused(tmp_path: Path) -> None:
    def label(d: Drawing, z: Place) -> Place:
        axis = d.constant(np.array(1, np.int32))
        return d.add("ARG_MAX", [z, axis], Place(-1, (1,), "int64", None))

    with pytest.raises(UsageError, match=r"INT64 \[1\]\): not one tensor of scores"):
        drawn(tmp_path, label)


def test_operators_of_tensorflow_are_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match="FlexErf") as refusal:
        drawn(tmp_path, lambda d, z: d.add("FlexErf", [z], z))
    assert "SELECT_TF_OPS" in refusal.value.remedy


def test_operators_of_tensorflow_in_an_inner_graph_are_refused_as_well(tmp_path: Path) -> None:
    d, inner = Drawing(), Drawing()
    x = d.tensor((1, FEATURES), name="x")
    y = linear(d, x, WEIGHT)
    z = inner.tensor((1, CLASSES))
    inner.graph.inputs, inner.graph.outputs = [z.number], [inner.add("FlexErf", [z], z).number]
    inner.graph.operators[0].opcodeIndex = len(d.model.operatorCodes)
    d.model.operatorCodes += inner.model.operatorCodes
    d.model.subgraphs.append(inner.graph)
    with pytest.raises(InferenceError, match="FlexErf"):
        opened(tmp_path, d.write(tmp_path / "model.tflite", [x], [y]))


def weights_behind(folder: Path, tail: Tail | None) -> Path:
    """The file with its buffers behind the flatbuffer, as files beyond two gigabytes have them."""
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools.flatbuffer_utils import convert_object_to_bytearray

    file = draw(folder / "model.tflite", tail)
    model = schema.ModelT.InitFromPackedBuf(file.read_bytes(), 0)
    held = [buffer for buffer in model.buffers if buffer.data is not None]
    contents = [bytes(buffer.data) for buffer in held]
    for buffer, content in zip(held, contents, strict=True):
        buffer.data, buffer.offset, buffer.size = None, 2, len(content)
    end = -len(convert_object_to_bytearray(model)) % 16
    start = len(convert_object_to_bytearray(model)) + end
    behind = bytes(end)
    for buffer, content in zip(held, contents, strict=True):
        buffer.offset = start
        behind += content + bytes(-len(content) % 16)
        start += len(content) + -len(content) % 16
    file.write_bytes(bytes(convert_object_to_bytearray(model)) + behind)
    return file


def test_weights_behind_the_flatbuffer_are_audited_where_nothing_is_cut(tmp_path: Path) -> None:
    taps = opened(tmp_path, weights_behind(tmp_path, None))
    np.testing.assert_allclose(run(taps.attacked, X), X @ WEIGHT, atol=1e-5)


def test_weights_behind_the_flatbuffer_cannot_be_cut(tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match="behind its flatbuffer") as refusal:
        opened(tmp_path, weights_behind(tmp_path, softmax))
    assert "--logits" in refusal.value.remedy


def test_two_inputs_are_refused(tmp_path: Path) -> None:
    d = Drawing()
    x, mask = d.tensor((1, FEATURES), name="x"), d.tensor((1, FEATURES), name="mask")
    y = linear(d, d.add("MUL", [x, mask], x), WEIGHT)
    with pytest.raises(UsageError, match=r"2 inputs \(x, mask\)"):
        opened(tmp_path, d.write(tmp_path / "model.tflite", [x, mask], [y]))


@pytest.mark.parametrize(
    ("kind", "shape", "message"),
    [
        ("STRING", (1, FEATURES), "as STRING"),
        ("float32", (FEATURES,), r"of shape \[6\]"),
        ("float32", (1, -1), "more than its batch open"),
    ],
)
def test_inputs_that_samples_do_not_fit_are_refused(
    tmp_path: Path, kind: str, shape: tuple[int, ...], message: str
) -> None:
    d = Drawing()
    x = d.tensor(shape, kind, name="x")
    y = d.tensor((1, CLASSES))
    with pytest.raises(UsageError, match=message):
        opened(tmp_path, d.write(tmp_path / "model.tflite", [x], [y]))


@pytest.mark.parametrize("keep", [0, 7, 60, 0.5, 0.95])
def test_a_part_of_a_file_is_refused(tmp_path: Path, keep: float) -> None:
    file = draw(tmp_path / "model.tflite", softmax)
    content = file.read_bytes()
    file.write_bytes(content[: int(keep if keep > 1 else keep * len(content))])
    with pytest.raises(InferenceError, match=r"model\.tflite"):
        opened(tmp_path, file)


def test_garbage_behind_the_right_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.tflite"
    noise = np.random.default_rng(0).integers(0, 256, 4096, dtype=np.uint8).tobytes()
    file.write_bytes(noise[:4] + b"TFL3" + noise[8:])
    with pytest.raises(InferenceError, match="cannot be read"):
        opened(tmp_path, file)


def test_operators_that_go_round_in_a_circle_are_refused(tmp_path: Path) -> None:
    def circle(d: Drawing, z: Place) -> Place:
        first = reshape(d, z, (1, CLASSES))
        second = reshape(d, first, (1, CLASSES))
        d.graph.operators[-2].inputs[0] = second.number
        return second

    with pytest.raises(InferenceError, match="in a circle"):
        drawn(tmp_path, circle)


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "step"), [("fp32", 1e-5), ("int8", 1.5 / 256)])
def test_a_file_of_the_converter_is_read_before_its_softmax(
    tmp_path: Path, precision: str, step: float
) -> None:
    """The slow way to its public answers: softmax, in numpy, of the tensor that was tapped."""
    import litert_torch
    import torch

    from sc_deploy.targets.formats import litert_int8, litert_names

    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 5),
        torch.nn.Softmax(dim=1),
    ).eval()  # fmt: skip
    x = np.random.default_rng(2).normal(size=(64, 1, 8, 8)).astype(np.float32)
    file = tmp_path / "model.tflite"
    with converting("the test"):
        litert_torch.convert(network, (torch.zeros(1, 1, 8, 8),)).export(str(file))
        if precision == "int8":
            content = litert_names.plain(file.read_bytes())
            file.write_bytes(litert_int8.quantize(content, x))
    taps = opened(tmp_path, file)
    assert taps.shipped.precision == precision
    with torch.no_grad():
        wanted = network[:-1](torch.from_numpy(x)).numpy()
    inner = run(taps.attacked, x)
    np.testing.assert_allclose(inner, wanted, atol=1e-5 if precision == "fp32" else 0.1)
    assert taps.public is not None
    np.testing.assert_allclose(run(taps.public, x), share(inner), atol=step)
