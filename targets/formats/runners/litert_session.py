"""LiteRT's interpreter on one CPU thread, for `harness.py`."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    # Any: LiteRT has no types.
    from typing import Any

    from numpy.typing import NDArray

    Samples = NDArray[np.float32] | NDArray[np.int64]


class LitertSession:
    """A model in LiteRT's interpreter, which answers as many samples at once as the file is made
    for: shapes inside the file hold for that number alone.

    Inputs and outputs of whole numbers are quantized and dequantized with the file's own steps;
    token ids are narrowed to the file's dtype if they fit.
    """

    runtime = "litert"

    def __init__(self, model: str) -> None:
        from ai_edge_litert.interpreter import (  # type: ignore[import-not-found,unused-ignore]
            Interpreter,
        )

        self.version = importlib.metadata.version("ai-edge-litert")
        self._interpreter = Interpreter(model_path=model, num_threads=1)
        self._interpreter.allocate_tensors()
        (self._input,) = self._interpreter.get_input_details()
        (self._output,) = self._interpreter.get_output_details()
        self._rows = int(self._input["shape"][0])
        # What XNNPACK cannot compute, all of it perhaps, stays with LiteRT's own kernels.
        ran = {step["op_name"] for step in self._interpreter._get_ops_details()}
        self.compute_unit = "XNNPACK (cpu)" if "DELEGATE" in ran else "cpu"

    def infer(self, batch: Samples) -> NDArray[np.float32]:
        given = self._as_input(batch)
        answers = [
            self._once(given[start : start + self._rows])
            for start in range(0, len(given), self._rows)
        ]
        return np.concatenate(answers)

    def _once(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """The answers to at most one batch of the file; a smaller one is filled up and cut."""
        full = rows if len(rows) == self._rows else np.resize(rows, (self._rows, *rows.shape[1:]))
        # What recurrent layers remember would else pass from one sample to the next.
        self._interpreter.reset_all_variables()
        self._interpreter.set_tensor(self._input["index"], full)
        self._interpreter.invoke()
        answer = self._interpreter.get_tensor(self._output["index"])[: len(rows)]
        scale, zero = (1, 0)
        if not np.issubdtype(answer.dtype, np.floating):
            scale, zero = self._output["quantization"]
        logits: NDArray[np.float32] = (answer.astype(np.float32) - zero) * np.float32(scale)
        return logits

    def _as_input(self, batch: Samples) -> NDArray[Any]:
        wanted = np.dtype(self._input["dtype"])
        if batch.dtype == wanted:
            return batch
        if not np.issubdtype(wanted, np.integer):
            raise RuntimeError(f"the model takes {wanted}, got {batch.dtype}")
        limits = np.iinfo(wanted)
        if batch.dtype == np.float32:
            scale, zero = self._input["quantization"]
            steps = np.clip(np.rint(batch / scale) + zero, limits.min, limits.max)
            return steps.astype(wanted)  # type: ignore[no-any-return]
        if batch.min() < limits.min or batch.max() > limits.max:
            raise RuntimeError(f"the model takes {wanted}, which cannot hold {batch.max()}")
        return batch.astype(wanted)

    def close(self) -> None:
        del self._interpreter


def open_session(model: str) -> LitertSession:
    return LitertSession(model)
