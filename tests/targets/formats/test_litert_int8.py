from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.targets.formats import litert_file, litert_int8
from sc_deploy.targets.formats.folding import Weight
from sc_deploy.targets.formats.litert_file import Tensor
from sc_deploy.targets.formats.runners.litert_session import open_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sc_deploy.contracts.arrays import Float32

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(64, 6)).astype(np.float32)
BIAS = np.array([0.5, -0.25, 2, 0], np.float32)


def dense(*, dead: tuple[int, ...]) -> Float32:
    """A weight [4, 6] whose given output channels hold zeros only."""
    weight = np.random.default_rng(1).normal(size=(4, 6)).astype(np.float32)
    weight[list(dead)] = 0
    return weight


@pytest.mark.filterwarnings("ignore:Warning. Enabling .experimental_preserve_all_tensors")
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@pytest.mark.parametrize("dead", [(), (2,), (0, 3), (0, 1, 2, 3)])
def test_channels_without_weights_keep_their_biases(
    tmp_path: Path, matrix_file: Callable[..., bytes], dead: tuple[int, ...]
) -> None:
    weight, path = dense(dead=dead), tmp_path / "model.tflite"
    path.write_bytes(litert_int8.quantize(matrix_file(weight, bias=BIAS), X))
    truth = X @ weight.T + BIAS
    step = (truth.max() - truth.min()) / 255
    np.testing.assert_allclose(open_session(str(path)).infer(X), truth, atol=6 * step)


@pytest.mark.filterwarnings("ignore:Warning. Enabling .experimental_preserve_all_tensors")
def test_a_rare_large_value_is_not_cut_off(
    tmp_path: Path, matrix_file: Callable[..., bytes]
) -> None:
    rare, path = X.copy(), tmp_path / "model.tflite"
    rare[40] = 12
    weight = np.abs(dense(dead=()))
    path.write_bytes(litert_int8.quantize(matrix_file(weight, bias=BIAS), rare))
    truth = rare @ weight.T + BIAS
    np.testing.assert_allclose(open_session(str(path)).infer(rare)[40], truth[40], rtol=0.03)


@pytest.mark.filterwarnings("ignore:Warning. Enabling .experimental_preserve_all_tensors")
def test_the_same_samples_make_the_same_bytes(matrix_file: Callable[..., bytes]) -> None:
    content = matrix_file(dense(dead=(1,)), bias=BIAS)
    assert litert_int8.quantize(content, X) == litert_int8.quantize(content, X)


@pytest.mark.filterwarnings("ignore:Warning. Enabling .experimental_preserve_all_tensors")
def test_weights_are_rounded_as_foretold(matrix_file: Callable[..., bytes]) -> None:
    weight = dense(dead=()) ** 5
    (graph,) = litert_file.parse(litert_int8.quantize(matrix_file(weight, bias=BIAS), X))
    (stored,) = (t.data for t in graph.tensors if t.name == "weight")
    foretold = litert_int8.rounded(Weight("weight", weight, 0)).values
    assert stored is not None
    assert np.array_equal(np.frombuffer(stored, np.int8).reshape(4, 6), foretold)
    assert (foretold == 0).any(), "what is small must round to zero in this test"


def test_only_channels_with_scales_of_their_own_can_be_dead() -> None:
    weight = np.array([[0, 0], [1, 0]], np.int8)
    zero = np.array([0])

    def stored(scales: Float32, axis: int) -> Tensor:
        data = weight.tobytes()
        return Tensor("w", "INT8", (2, 2), (2, 2), data, False, scales, zero, axis)

    two, one = np.ones(2, np.float32), np.ones(1, np.float32)
    assert litert_int8._dead(stored(two, 0)).tolist() == [True, False]
    assert litert_int8._dead(stored(two, 1)).tolist() == [False, True]
    assert litert_int8._dead(stored(one, 0)).tolist() == [False]
