"""ExecuTorch with the XNNPACK backend on one CPU thread, for `harness.py`."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BACKEND = "XnnpackBackend"


class ExecutorchSession:
    """A program in ExecuTorch. Refuses a file that does not use XNNPACK at all."""

    runtime = "executorch"
    compute_unit = f"{BACKEND} (cpu)"

    def __init__(self, model: str) -> None:
        from executorch.extension.pybindings.portable_lib import _unsafe_reset_threadpool
        from executorch.runtime import Runtime

        self.version = importlib.metadata.version("executorch")
        runtime = Runtime.get()
        if not runtime.backend_registry.is_available(BACKEND):
            raise RuntimeError(f"this ExecuTorch has no {BACKEND}")
        if BACKEND.encode() not in Path(model).read_bytes():
            raise RuntimeError(f"no part of the program is delegated to {BACKEND}")
        _unsafe_reset_threadpool(1)
        method = runtime.load_program(model).load_method("forward")
        if method is None:
            raise RuntimeError("the program has no method `forward`")
        self._method = method
        self._capacity: int = method.metadata.input_tensor_meta(0).sizes()[0]

    def infer(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        if len(batch) > self._capacity:
            raise RuntimeError(
                f"a batch of {len(batch)}, but the program was planned for {self._capacity}"
            )
        (logits,) = self._method.execute([torch.from_numpy(batch)])
        # The runtime reuses the memory of its answers at the next call.
        answer: NDArray[np.float32] = logits.numpy().copy()
        return answer

    def close(self) -> None:
        del self._method


def open_session(model: str) -> ExecutorchSession:
    return ExecutorchSession(model)
