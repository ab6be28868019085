"""ONNX files: float32, and int8 as quantize-dequantize pairs, for ONNX Runtime."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Tolerance
from sc_deploy.targets.formats import bundling, folding, onnx_file, onnx_tap, toolchain
from sc_deploy.targets.formats.conversion import converting, require_written

if TYPE_CHECKING:
    from collections.abc import Sequence

    # Any: onnx has no types.
    from typing import Any

    from sc_deploy.contracts import Artifact, Bundle, LoadedModel, Taps, TensorStat
    from sc_deploy.contracts.arrays import NetworkInput

FILE: Final = "model.onnx"
OPSET: Final = 20
# Measured on real samples; fp32 differs by the order of additions only.
TOLERANCES: Final = {"fp32": Tolerance(1e-4, 0.999), "int8": Tolerance(1.0, 0.95)}
# What is quantized where tokens are read: embeddings, norms and softmax lose too much by it.
PRODUCTS: Final = ["Gemm", "MatMul"]


@dataclass(frozen=True, slots=True)
class OnnxFormat:
    """One `model.onnx` with everything inside; input `input`, output `logits`, any batch size."""

    name: str = "onnx"
    precisions: tuple[str, ...] = ("fp32", "int8")
    extra: str = "onnx"
    suffix: str = ".onnx"

    def missing_to_export(self) -> tuple[str, ...]:
        return toolchain.absent(("torch", "onnx", "onnxruntime", "onnxscript"))

    def missing_to_run(self) -> tuple[str, ...]:
        return toolchain.absent(("onnx", "onnxruntime"))

    def toolchain(self) -> tuple[tuple[str, str], ...]:
        return toolchain.versions(("torch", "onnx", "onnxscript", "onnxruntime"))

    def export(
        self, model: LoadedModel, folder: Path, *, precision: str, samples: NetworkInput
    ) -> tuple[str, ...]:
        """See `contracts.Format`. int8 is static: u8 activations, s8 weights by channel (u8s8)."""
        example = folding.trace_rows(samples, model.network)
        folded = folding.fold(model)
        with converting(f"the {precision} ONNX export of {model.network.name}"):
            proto = _to_onnx(folded, example)
            if precision == "int8":
                proto = _quantize(proto, samples)
            onnx_file.write(proto, folder / FILE)
        return require_written(folder, (FILE,))

    def inspect(self, folder: Path, files: Sequence[str]) -> tuple[TensorStat, ...]:
        return onnx_file.weights(folder / files[0])

    def expected(self, model: LoadedModel, *, precision: str) -> tuple[TensorStat, ...]:
        weights = folding.fold(model).weights
        if precision == "int8":
            weights = tuple(_as_int8(weight) for weight in weights)
        return folding.stats(weights)

    def tolerance(self, precision: str) -> Tolerance:
        return TOLERANCES[precision]

    def bundle(self, artifact: Artifact, folder: Path) -> Bundle:
        return bundling.python_bundle("onnx_session.py", artifact, folder)

    def taps(self, file: Path, scratch: Path) -> Taps:
        return onnx_tap.taps(file, scratch)


ONNX = OnnxFormat()


def _to_onnx(folded: folding.Folded, example: Any) -> Any:
    import torch

    program = torch.onnx.export(
        folded.module,
        (example,),
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
        input_names=["input"],
        output_names=["logits"],
        opset_version=OPSET,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("the exporter returned nothing")
    proto = program.model_proto
    onnx_file.restore_names(proto, {weight.name: weight.values for weight in folded.weights})
    return proto


class _Samples:
    """Calibration batches in the way that ONNX Runtime's quantizer asks for them."""

    def __init__(self, samples: NetworkInput) -> None:
        self._samples = samples
        self._starts = iter(range(0, len(samples), folding.TRACE_ROWS))

    def get_next(self) -> dict[str, NetworkInput] | None:
        start = next(self._starts, None)
        if start is None:
            return None
        return {"input": self._samples[start : start + folding.TRACE_ROWS]}


def _quantize(proto: Any, samples: NetworkInput) -> Any:
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch, "int8.onnx")
        quantize_static(
            proto,
            result,
            _Samples(samples),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=PRODUCTS if samples.dtype == np.int64 else None,
        )
        return onnx.load(result)


def _as_int8(weight: folding.Weight) -> folding.Weight:
    """The weight as ONNX Runtime rounds it: symmetric by output channel, small ones to zero."""
    axes = tuple(axis for axis in range(weight.values.ndim) if axis != weight.channel_axis)
    peak = np.abs(weight.values).max(axis=axes, keepdims=True).astype(np.float64)
    # A channel of zeros gets scale 1, as ONNX Runtime does.
    scale = np.where(peak > 0, 2 * peak / 254, 1.0).astype(np.float32)
    return folding.Weight(weight.name, np.round(weight.values / scale), weight.channel_axis)
