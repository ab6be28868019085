"""ONNX Runtime on one CPU thread, for `harness.py`."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32] | NDArray[np.int64]

PROVIDER = "CPUExecutionProvider"


class OnnxSession:
    """A model in ONNX Runtime. Refuses any provider but the one that was asked for.

    A file that is fixed at one sample is asked sample by sample.
    """

    runtime = "onnxruntime"
    compute_unit = PROVIDER

    def __init__(self, model: str) -> None:
        import onnxruntime as ort  # type: ignore[import-not-found,unused-ignore]

        self.version = importlib.metadata.version("onnxruntime")
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        self._session = ort.InferenceSession(model, options, providers=[PROVIDER])
        # ONNX Runtime falls back to another provider with no more than a warning.
        if self._session.get_providers() != [PROVIDER]:
            raise RuntimeError(f"ran on {self._session.get_providers()}, expected {PROVIDER}")
        (given,) = self._session.get_inputs()
        self._input, self._one_by_one = given.name, given.shape[:1] == [1]
        (self._output,) = (entry.name for entry in self._session.get_outputs())

    def infer(self, batch: Samples) -> NDArray[np.float32]:
        if not self._one_by_one:
            return self._once(batch)
        return np.concatenate([self._once(batch[row : row + 1]) for row in range(len(batch))])

    def _once(self, batch: Samples) -> NDArray[np.float32]:
        # Any: what ONNX Runtime returns is checked by the harness.
        (logits,) = self._session.run([self._output], {self._input: batch})
        answer: NDArray[np.float32] = logits
        return answer

    def close(self) -> None:
        del self._session


def open_session(model: str) -> OnnxSession:
    return OnnxSession(model)
