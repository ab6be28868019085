"""Breaks an ONNX file the way converters do, for demonstrations and tests of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.errors import ConversionError

if TYPE_CHECKING:
    from pathlib import Path


def reshape_instead_of_transpose(path: Path) -> None:
    """Lay out the weight of the last linear layer [C, D] as if it were [D, C].

    A classic layout mistake: the file still loads, runs, and has every weight it had.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in reversed(model.graph.node):
        named = [name for name in node.input if name in weights and len(weights[name].dims) == 2]
        if node.op_type in ("Gemm", "MatMul") and named:
            tensor = weights[named[0]]
            values = numpy_helper.to_array(tensor)
            mixed = np.ascontiguousarray(values.T).reshape(values.shape)
            tensor.CopyFrom(numpy_helper.from_array(mixed, tensor.name))
            onnx.save(model, path)
            return
    raise ConversionError(
        f"{path.name} has no linear layer to damage", remedy="use a model that ends in one"
    )
