"""What a LiteRT file says of itself: its graph, read with checks and never run.

A `.tflite` is one flatbuffer. Its accessors trust the offsets and lengths that they find, so the
lengths are held against the size of the file before anything is gone through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.errors import InferenceError
from sc_deploy.targets.formats.conversion import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    # Any: LiteRT's schema has no types.
    from typing import Any

    from numpy.typing import NDArray

IDENTIFIER: Final = b"TFL3"
# More axes than any kernel takes.
MOST_AXES: Final = 8
CUSTOM: Final = "CUSTOM"
"""The schema's word for operators that it does not know, which have names."""
ABSENT: Final = -1
"""The place of an operator's optional input that is not given."""


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor of a graph. `kind` is the schema's word: FLOAT32, INT8, BOOL.

    `shape` is the one that memory is planned for; in `free_shape` an axis of any length is -1.
    `data` are the bytes of a constant as stored, None for what is computed. `scales` and
    `zero_points` have one entry, or one for each place along `channel_axis`, or none.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    free_shape: tuple[int, ...]
    data: bytes | None
    sparse: bool
    scales: NDArray[np.float32]
    zero_points: NDArray[np.int64]
    channel_axis: int


@dataclass(frozen=True, slots=True)
class Operator:
    """A step of a graph. `kind` is the schema's word, or the name of a custom operator."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Tensors, and what is done with them; all numbers are places in `tensors`."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read(path: Path) -> tuple[Graph, ...]:
    """The graphs of a file, the main one first. Raises InferenceError."""
    with reading(path):
        content = path.read_bytes()
        require_model(path, content)
        return parse(content)


def parse(content: bytes) -> tuple[Graph, ...]:
    """The graphs in the bytes of a model. What is damaged raises an exception of any kind."""
    return _Reader(content).graphs()


# Any: LiteRT's schema has no types.
def stored(model: Any, content: bytes | bytearray, place: int) -> NDArray[np.uint8]:
    """A buffer's bytes as they lie in `content`. Those of large files lie behind the flatbuffer."""
    if place >= model.BuffersLength():
        raise ValueError(f"a tensor in buffer {place} of {model.BuffersLength()}")
    buffer = model.Buffers(place)
    if buffer.Offset() <= 1:
        return np.empty(0, np.uint8) if not buffer.DataLength() else buffer.DataAsNumpy()
    return np.frombuffer(content, np.uint8, buffer.Size(), buffer.Offset())


def require_model(path: Path, content: bytes) -> None:
    """Raise InferenceError unless these are the bytes of a LiteRT model."""
    if content[4:8] != IDENTIFIER:
        raise InferenceError(
            f"{path.name} is not a LiteRT model: it holds {content[4:8]!r} where "
            f"{IDENTIFIER!r} belongs",
            remedy="export it again",
        )


class _Reader:
    """Turns one flatbuffer into values; any damage that shows is an exception of some kind."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._content = content
        self._model = schema.Model.GetRootAs(content, 0)
        self._kinds = _words(schema.TensorType)
        self._steps = _words(schema.BuiltinOperator)

    def graphs(self) -> tuple[Graph, ...]:
        model = self._model
        codes = [self._code(c) for c in self._each(model.OperatorCodesLength, model.OperatorCodes)]
        found = tuple(
            self._graph(graph, codes)
            for graph in self._each(model.SubgraphsLength, model.Subgraphs)
        )
        if not found:
            raise ValueError("it holds no graph")
        return found

    def _each(self, length: Callable[[], int], entry: Callable[[int], Any]) -> Iterator[Any]:
        """The entries of a vector of tables; each takes four bytes of the file at least."""
        if 4 * length() > len(self._content):
            raise ValueError(f"{length()} entries in a file of {len(self._content)} bytes")
        return map(entry, range(length()))

    def _code(self, code: Any) -> str:
        # Codes that do not fit the older field of eight bits stand in the newer one.
        number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        kind = self._steps[number]
        # The runtime reads the name of a custom operator alone: any other could bear any name.
        if kind != CUSTOM:
            return kind
        return (code.CustomCode() or CUSTOM.encode()).decode()

    def _graph(self, graph: Any, codes: list[str]) -> Graph:
        tensors = tuple(map(self._tensor, self._each(graph.TensorsLength, graph.Tensors)))
        operators = tuple(
            Operator(
                codes[step.OpcodeIndex()],
                _places(step.InputsAsNumpy(), tensors),
                _places(step.OutputsAsNumpy(), tensors),
            )
            for step in self._each(graph.OperatorsLength, graph.Operators)
        )
        inputs, outputs = graph.InputsAsNumpy(), graph.OutputsAsNumpy()
        return Graph(tensors, operators, _places(inputs, tensors), _places(outputs, tensors))

    def _tensor(self, tensor: Any) -> Tensor:
        shape = _shape(tensor.ShapeAsNumpy())
        free = shape if tensor.ShapeSignatureIsNone() else _shape(tensor.ShapeSignatureAsNumpy())
        steps = tensor.Quantization()
        data = stored(self._model, self._content, tensor.Buffer()).tobytes()
        return Tensor(
            name=(tensor.Name() or b"").decode(),
            kind=self._kinds[tensor.Type()],
            shape=shape,
            free_shape=free,
            data=data or None,
            sparse=tensor.Sparsity() is not None,
            scales=_numbers(steps and steps.ScaleAsNumpy(), np.dtype(np.float32)),
            zero_points=_numbers(steps and steps.ZeroPointAsNumpy(), np.dtype(np.int64)),
            channel_axis=0 if steps is None else int(steps.QuantizedDimension()),
        )


# Any: the schema's enumerations are classes of plain numbers.
def _words(enumeration: Any) -> Mapping[int, str]:
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}


# Any, here and below: the accessors answer 0 for a vector that is not there.
def _numbers(vector: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.array([] if vector is None or isinstance(vector, int) else vector, dtype)


def _shape(vector: Any) -> tuple[int, ...]:
    axes = _numbers(vector, np.dtype(np.int64))
    if len(axes) > MOST_AXES or (axes < -1).any():
        raise ValueError(f"a tensor of {len(axes)} axes, the smallest {axes.min()}")
    return tuple(axes.tolist())


def _places(vector: Any, tensors: tuple[Tensor, ...]) -> tuple[int, ...]:
    places = _numbers(vector, np.dtype(np.int64))
    if ((places < ABSENT) | (places >= len(tensors))).any():
        raise ValueError(f"tensor {places.max()} of {len(tensors)}")
    return tuple(places.tolist())
