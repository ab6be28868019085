"""The weights in a LiteRT file: what its convolutions and matrix products multiply with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import TensorStat
from sc_deploy.targets.formats import litert_file
from sc_deploy.targets.formats.conversion import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    # Any: a dtype read from a table.
    from typing import Any

    from numpy.typing import NDArray

    from sc_deploy.targets.formats.litert_file import Graph, Tensor

# Which inputs of these operators can be weights.
WEIGHT_INPUTS: Final[Mapping[str, tuple[int, ...]]] = {
    "CONV_2D": (1,),
    "CONV_3D": (1,),
    "DEPTHWISE_CONV_2D": (1,),
    "TRANSPOSE_CONV": (1,),
    "FULLY_CONNECTED": (1,),
    "BATCH_MATMUL": (0, 1),
}
# Steps that only unpack a constant.
UNPACKING: Final = ("DEQUANTIZE", "DENSIFY")
DTYPES: Final[Mapping[str, np.dtype[Any]]] = {
    "FLOAT32": np.dtype(np.float32),
    "FLOAT16": np.dtype(np.float16),
    "INT8": np.dtype(np.int8),
    "UINT8": np.dtype(np.uint8),
    "INT16": np.dtype(np.int16),
}
# In the file they are (out, h, w, in), depthwise (1, h, w, out), matrices (out, in).
OUT_FIRST: Final[Mapping[str, tuple[int, ...]]] = {
    "CONV_2D": (0, 3, 1, 2),
    "CONV_3D": (4, 3, 0, 1, 2),
    "DEPTHWISE_CONV_2D": (3, 0, 1, 2),
    "TRANSPOSE_CONV": (0, 3, 1, 2),
}


def weights(path: Path) -> tuple[TensorStat, ...]:
    """The weights of convolutions and matrix products by name, shaped (out, in, ...).

    A quantized weight counts as zero where it equals its zero point; one that is used twice is
    counted once. Raises InferenceError.
    """
    graphs = litert_file.read(path)
    with reading(path):
        return tuple(sorted(_all(graphs), key=lambda stat: stat.name))


def _all(graphs: tuple[Graph, ...]) -> Iterator[TensorStat]:
    for graph in graphs:
        packed = {
            step.outputs[0]: step.inputs[0] for step in graph.operators if step.kind in UNPACKING
        }
        counted: set[int] = set()
        for step in graph.operators:
            for position in WEIGHT_INPUTS.get(step.kind, ()):
                place = _origin(step.inputs[position], packed)
                tensor = graph.tensors[place]
                if tensor.data is not None and len(tensor.shape) >= 2 and place not in counted:
                    counted.add(place)
                    yield _stat(tensor, OUT_FIRST.get(step.kind))


def _origin(place: int, packed: Mapping[int, int]) -> int:
    """Where the values come from; a constant can be both quantized and sparse."""
    for _ in UNPACKING:
        place = packed.get(place, place)
    return place


def _stat(tensor: Tensor, axes: tuple[int, ...] | None) -> TensorStat:
    assert tensor.data is not None
    size = int(np.prod(tensor.shape))
    values = np.frombuffer(tensor.data, DTYPES[tensor.kind])
    # A sparse tensor stores fewer values than it has places.
    if values.size > size or (values.size < size and not tensor.sparse):
        raise ValueError(f"{values.size} values for a weight of shape {tensor.shape}")
    nonzero = np.count_nonzero(values if tensor.sparse else _centred(tensor, values))
    shape = tensor.shape if axes is None else tuple(tensor.shape[axis] for axis in axes)
    return TensorStat(tensor.name, shape, int(nonzero), size)


def _centred(tensor: Tensor, values: NDArray[Any]) -> NDArray[Any]:
    """Values that are 0 where they stand for 0."""
    if not tensor.zero_points.any():
        return values
    along = [1] * len(tensor.shape)
    along[tensor.channel_axis] = -1
    return values.reshape(tensor.shape) - tensor.zero_points.reshape(along)
