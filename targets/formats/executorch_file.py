"""What an ExecuTorch program holds: the weights inside its XNNPACK parts.

A `.pte` keeps no parameter names, and XNNPACK's part of it is a second flatbuffer whose schema
ships with ExecuTorch. Both are read with ExecuTorch's own reader.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import TensorStat
from sc_deploy.errors import InferenceError
from sc_deploy.targets.formats.conversion import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    # Any: flatbuffers as JSON, and ExecuTorch, have no types.
    from typing import Any

IDENTIFIER: Final = b"ET12"
BACKEND: Final = "XnnpackBackend"
HEADER_BYTES: Final = 30
DTYPES: Final[Mapping[str, np.dtype[Any]]] = {
    "xnn_datatype_fp32": np.dtype(np.float32),
    "xnn_datatype_fp16": np.dtype(np.float16),
    # Symmetric: zero is 0.
    "xnn_datatype_qcint8": np.dtype(np.int8),
}


def weights(path: Path) -> tuple[TensorStat, ...]:
    """The weights of convolutions and linear layers, shaped as in torch, named by digest.

    A weight that is used twice is counted once. Raises InferenceError.
    """
    with reading(path):
        content = path.read_bytes()
        require_program(path, content)
        found = {stat.name: stat for stat in _weights(content)}
    return tuple(found[name] for name in sorted(found))


def require_program(path: Path, content: bytes) -> None:
    """Raise InferenceError unless these are the bytes of an ExecuTorch program."""
    if content[4:8] != IDENTIFIER:
        raise InferenceError(
            f"{path.name} is not an ExecuTorch program: it holds {content[4:8]!r} where "
            f"{IDENTIFIER!r} belongs",
            remedy="export it again",
        )


def _weights(content: bytes) -> Iterator[TensorStat]:
    from executorch.exir._serialize._program import deserialize_pte_binary

    file = deserialize_pte_binary(content)
    named = file.named_data
    buffers = {
        key: named.buffers[entry.buffer_index]
        for key, entry in (named.pte_data.items() if named else ())
    }
    for plan in file.program.execution_plan:
        for delegate in plan.delegates:
            if delegate.id == BACKEND:
                part = file.program.backend_delegate_data[delegate.processed.index].data
                yield from _filters(_graph(bytes(part)), buffers)


def _graph(part: bytes) -> Mapping[str, Any]:
    """XNNPACK's graph, without its data, as the JSON that ExecuTorch's `flatc` makes of it."""
    from executorch.backends.xnnpack.serialization import xnnpack_graph_serialize as xnnpack
    from executorch.exir._serialize._flatbuffer import _flatc_decompile

    header = xnnpack.XNNHeader.from_bytes(part[:HEADER_BYTES])
    end = header.flatbuffer_offset + header.flatbuffer_size
    with tempfile.TemporaryDirectory() as scratch:
        schema, data = Path(scratch, "schema.fbs"), Path(scratch, "data.bin")
        schema.write_bytes(xnnpack._get_schema_bytes())
        data.write_bytes(part[header.flatbuffer_offset : end])
        _flatc_decompile(scratch, str(schema), str(data))
        text = data.with_suffix(".json").read_text(encoding="utf-8")
    # `flatc` writes bare inf, which is not JSON; Python reads Infinity.
    graph: Mapping[str, Any] = json.loads(re.sub(r":\s*(-?)inf\b", r": \1Infinity", text))
    return graph


def _filters(graph: Mapping[str, Any], buffers: Mapping[str, bytes]) -> Iterator[TensorStat]:
    tensors = dict(map(_tensor, graph["xvalues"]))
    for node in graph["xnodes"]:
        kind, fields = node["xnode_union_type"], node["xnode_union"]
        if "filter_id" not in fields:
            continue
        tensor = tensors[fields["filter_id"]]
        key = graph["constant_data"][tensor["constant_buffer_idx"]]["named_key"]
        values = np.frombuffer(buffers[key], DTYPES[tensor["datatype"]])
        shape = _as_torch(kind, tuple(tensor["dims"]), fields)
        if values.size != int(np.prod(shape)):
            raise ValueError(f"{values.size} values for a filter of shape {shape}")
        yield TensorStat(key, shape, int(np.count_nonzero(values)), values.size)


def _tensor(value: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    union = value["xvalue_union"]
    tensor: Mapping[str, Any] = union.get("tensor_value", union)
    return tensor["id_out"], tensor


def _as_torch(kind: str, dims: tuple[int, ...], fields: Mapping[str, Any]) -> tuple[int, ...]:
    """XNNPACK keeps filters as (out, h, w, in), depthwise ones as (1, h, w, out)."""
    if len(dims) != 4:
        return dims
    first, height, width, last = dims
    if "Depthwise" in kind:
        return (last, first, height, width)
    if "Transpose" in kind:
        groups = fields["groups"]
        return (last * groups, first // groups, height, width)
    return (first, last, height, width)
