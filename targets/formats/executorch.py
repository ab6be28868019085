"""ExecuTorch programs for phones: float32 and int8, computed by XNNPACK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Tolerance
from sc_deploy.targets.formats import bundling, executorch_file, executorch_tap, folding, toolchain
from sc_deploy.targets.formats.conversion import converting, require_written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    # Any: ExecuTorch has no types.
    from typing import Any

    import torch
    from torch.nn import Module

    from sc_deploy.contracts import (
        Artifact,
        Bundle,
        LoadedModel,
        NetworkSpec,
        Taps,
        TensorStat,
    )
    from sc_deploy.contracts.arrays import NetworkInput

FILE: Final = "model.pte"
# Memory is planned for this many samples at once; more is refused by the runtime.
LARGEST_BATCH: Final = 64
# XNNPACK's quantizer allows no smaller step between two int8 values.
SMALLEST_SCALE: Final = np.float32(2**-12)
TOLERANCES: Final = {"fp32": Tolerance(1e-4, 0.999), "int8": Tolerance(1.0, 0.95)}


@dataclass(frozen=True, slots=True)
class ExecutorchFormat:
    """One `model.pte` with everything inside, for batches of 1 to `LARGEST_BATCH` samples."""

    name: str = "executorch"
    precisions: tuple[str, ...] = ("fp32", "int8")
    extra: str = "executorch"
    suffix: str = ".pte"

    def missing_to_export(self) -> tuple[str, ...]:
        return toolchain.absent(("torch", "executorch", "torchao"))

    def missing_to_run(self) -> tuple[str, ...]:
        # The runtime's Python bindings load torch, and torchao comes with them.
        return self.missing_to_export()

    def toolchain(self) -> tuple[tuple[str, str], ...]:
        return toolchain.versions(("torch", "executorch", "torchao"))

    def export(
        self, model: LoadedModel, folder: Path, *, precision: str, samples: NetworkInput
    ) -> tuple[str, ...]:
        """See `contracts.Format`. int8 is static, weights symmetric by output channel."""
        example = folding.trace_rows(samples, model.network)
        module = folding.fold(model).module
        with converting(f"the {precision} ExecuTorch export of {model.network.name}"):
            if precision == "int8":
                module = _quantize(module, example, samples, _quantizer(model.network))
            (folder / FILE).write_bytes(_lower(module, example))
        return require_written(folder, (FILE,))

    def inspect(self, folder: Path, files: Sequence[str]) -> tuple[TensorStat, ...]:
        return folding.nameless(executorch_file.weights(folder / files[0]))

    def expected(self, model: LoadedModel, *, precision: str) -> tuple[TensorStat, ...]:
        weights = folding.fold(model).weights
        if precision == "int8":
            weights = tuple(_as_int8(weight) for weight in weights)
        return folding.nameless(folding.stats(weights))

    def tolerance(self, precision: str) -> Tolerance:
        return TOLERANCES[precision]

    def bundle(self, artifact: Artifact, folder: Path) -> Bundle:
        return bundling.python_bundle("executorch_session.py", artifact, folder)

    def taps(self, file: Path, scratch: Path) -> Taps:  # noqa: ARG002 (it makes no copies)
        return executorch_tap.taps(file)


EXECUTORCH = ExecutorchFormat()


def _lower(module: Module, example: torch.Tensor) -> bytes:
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    program = to_edge_transform_and_lower(
        folding.trace(module, example, batch_limit=LARGEST_BATCH),
        partitioner=[XnnpackPartitioner()],
    )
    return bytes(program.to_executorch().buffer)


# Any: ExecuTorch has no types.
def _quantizer(network: NetworkSpec) -> Any:
    from executorch.backends.xnnpack.quantizer import xnnpack_quantizer as xnnpack

    class WholeNumbers(xnnpack.XNNPACKQuantizer):  # type: ignore[misc,unused-ignore]
        """Leaves constants as they are: XNNPACK's own would make floats of numbers that index."""

        def transform_for_annotation(self, model: Any) -> Any:
            return model

    quantizer = WholeNumbers() if network.input_dtype == "int64" else xnnpack.XNNPACKQuantizer()
    return quantizer.set_global(xnnpack.get_symmetric_quantization_config(is_per_channel=True))


def _quantize(
    module: Module, example: torch.Tensor, samples: NetworkInput, quantizer: Any
) -> Module:
    import torch
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    graph = folding.trace(module, example, batch_limit=LARGEST_BATCH).module()
    observed = prepare_pt2e(graph, quantizer)
    with torch.no_grad():
        for start in range(0, len(samples), folding.TRACE_ROWS):
            rows = samples[start : start + folding.TRACE_ROWS]
            observed(torch.from_numpy(np.array(rows, order="C")))
    # Any: torchao has no types.
    quantized: Module = convert_pt2e(observed)
    return quantized


def _as_int8(weight: folding.Weight) -> folding.Weight:
    """The weight as XNNPACK's quantizer rounds it: symmetric by channel, small ones to zero."""
    axes = tuple(axis for axis in range(weight.values.ndim) if axis != weight.channel_axis)
    peak = np.abs(weight.values).max(axis=axes, keepdims=True)
    scale = np.maximum(peak / np.float32(127), SMALLEST_SCALE)
    rounded = np.round(weight.values * (np.float32(1) / scale))
    return folding.Weight(weight.name, rounded, weight.channel_axis)
