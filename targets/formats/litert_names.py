"""What the tensors of an exported LiteRT model are called: nothing of the Python that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    # Any: LiteRT's schema has no types.
    from typing import Any

SIGNATURE: Final = "serving_default"
INPUT: Final = "input"
OUTPUT: Final = "logits"


def plain(content: bytes) -> bytes:
    """The same model with tensors named by number, its one input `input`, its output `logits`.

    The converter names them after classes and modules of the source. Same model, same bytes.
    """
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools.flatbuffer_utils import convert_object_to_bytearray

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    (graph,), (signature,) = model.subgraphs, model.signatureDefs
    for number, tensor in enumerate(graph.tensors):
        tensor.name = f"tensor_{number}"
    signature.signatureKey = SIGNATURE
    for entries, name in ((signature.inputs, INPUT), (signature.outputs, OUTPUT)):
        _call(graph, entries, name)
    return bytes(convert_object_to_bytearray(model))


def _call(graph: Any, entries: Any, name: str) -> None:
    if len(entries) != 1:
        raise ValueError(f"the model has {len(entries)} tensors for its {name}, expected one")
    entries[0].name = name
    graph.tensors[entries[0].tensorIndex].name = name
