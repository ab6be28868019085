"""Makes a float32 LiteRT model an int8 one: static, weights symmetric by output channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.targets.formats import litert_file, litert_names
from sc_deploy.targets.formats.folding import Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    # Any: LiteRT and its quantizer have no types.
    from typing import Any

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import NetworkInput
    from sc_deploy.targets.formats.litert_file import Graph, Tensor

# What is quantized where tokens are read: embeddings, norms and softmax lose too much by it.
PRODUCTS: Final = ("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D")
# The quantizer gives a channel of zeros the scale of one whose largest weight is this.
SMALLEST_PEAK: Final = 1e-9


def quantize(model: bytes, samples: NetworkInput) -> bytes:
    """The model with int8 inside and float32 at its ends, calibrated on all the samples."""
    from ai_edge_quantizer.quantizer import Quantizer

    recipe = _recipe(PRODUCTS if samples.dtype == np.int64 else ("*",))
    quantizer = Quantizer(bytearray(model), recipe.get_quantization_recipe())
    ranges = _ranges(model, recipe, samples)
    quantized = bytearray(quantizer.quantize(ranges, enable_progress_report=False).quantized_model)
    _restore_biases(quantized, model)
    return bytes(quantized)


def rounded(weight: Weight) -> Weight:
    """The weight as the quantizer rounds it, small ones to zero."""
    axes = tuple(axis for axis in range(weight.values.ndim) if axis != weight.channel_axis)
    peak = np.abs(weight.values).max(axis=axes, keepdims=True)
    scale = np.maximum(peak, np.float32(SMALLEST_PEAK)) / np.float32(127)
    return Weight(weight.name, np.rint(weight.values / scale), weight.channel_axis)


def _recipe(operations: tuple[str, ...]) -> Any:
    from ai_edge_quantizer.recipe_manager import RecipeManager

    recipe = RecipeManager()
    for operation in operations:
        recipe.add_static_config(".*", operation, activation_num_bits=8, weight_num_bits=8)
    for end in ("INPUT", "OUTPUT"):
        recipe.add_quantization_config(".*", end, algorithm_key="no_quantize")
    return recipe


def _ranges(model: bytes, recipe: Any, samples: NetworkInput) -> Any:
    """The smallest and the largest value of each tensor over all samples.

    The quantizer's own choice, a moving average, cuts off what is rare.
    """
    from ai_edge_quantizer.calibrator import Calibrator
    from ai_edge_quantizer.utils.qsv_utils import min_max_update

    calibrator = Calibrator(bytearray(model), num_threads=1, qsv_update_func=min_max_update)
    dtype = np.int32 if samples.dtype == np.int64 else np.float32
    rows = [{litert_names.INPUT: row[np.newaxis].astype(dtype)} for row in samples]
    calibrator.calibrate({litert_names.SIGNATURE: rows}, recipe)
    return calibrator.get_model_qsvs()


def _restore_biases(quantized: bytearray, original: bytes) -> None:
    """Give back, in place, the biases that the quantizer lost.

    A channel whose weights were all pruned gets next to no scale, and its bias, counted in steps
    of that scale, does not fit into 32 bits. Its zeros are zeros at any scale, so it gets the
    largest one of the same weight, as if it had been a channel like the others.
    """
    from ai_edge_litert.schema_py_generated import Model

    floats = {tensor.name: tensor.data for tensor in litert_file.parse(original)[0].tensors}
    (graph,), model = litert_file.parse(bytes(quantized)), Model.GetRootAs(quantized, 0)
    for given, weight, bias in _products(graph):
        dead, before = _dead(graph.tensors[weight]), floats.get(graph.tensors[bias].name)
        if dead.any() and before is not None:
            scale = graph.tensors[weight].scales.copy()
            scale[dead] = scale[~dead].max(initial=0) or 1 / 127
            steps = scale * graph.tensors[given].scales[0]
            _scales(model, weight)[:], _scales(model, bias)[:] = scale, steps
            place = model.Subgraphs(0).Tensors(bias).Buffer()
            counts = litert_file.stored(model, quantized, place).view(np.int32)
            counts[:] = np.rint(np.frombuffer(before, np.float32) / steps)


def _products(graph: Graph) -> Iterator[tuple[int, int, int]]:
    """Places of the input, the int8 weight and the int32 bias of each step that has them."""
    for step in graph.operators:
        if len(step.inputs) == 3 and litert_file.ABSENT not in step.inputs:
            given, weight, bias = step.inputs
            kinds = graph.tensors[weight].kind, graph.tensors[bias].kind
            if kinds == ("INT8", "INT32") and graph.tensors[weight].data is not None:
                yield given, weight, bias


def _dead(weight: Tensor) -> NDArray[np.bool_]:
    """Which of the weight's channels hold zeros only; none if they share one scale."""
    assert weight.data is not None
    if len(weight.scales) != weight.shape[weight.channel_axis]:
        return np.zeros(len(weight.scales), bool)
    values = np.frombuffer(weight.data, np.int8).reshape(weight.shape)
    axes = tuple(axis for axis in range(values.ndim) if axis != weight.channel_axis)
    return np.asarray(~values.any(axis=axes))


def _scales(model: Any, place: int) -> NDArray[np.float32]:
    scales: NDArray[np.float32] = model.Subgraphs(0).Tensors(place).Quantization().ScaleAsNumpy()
    return scales
