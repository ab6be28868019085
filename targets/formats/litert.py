"""LiteRT models for phones: float32 and int8, computed by XNNPACK."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Tolerance
from sc_deploy.targets.formats import (
    bundling,
    folding,
    litert_int8,
    litert_names,
    litert_tap,
    litert_weights,
    toolchain,
)
from sc_deploy.targets.formats.conversion import converting, require_written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch.nn import Module

    from sc_deploy.contracts import Artifact, Bundle, LoadedModel, Taps, TensorStat
    from sc_deploy.contracts.arrays import NetworkInput

FILE: Final = "model.tflite"
# Distributions and their modules have the same names.
TOOLCHAIN: Final = (
    *("torch", "litert_torch", "litert_converter", "ai_edge_litert", "ai_edge_quantizer"),
)
TOLERANCES: Final = {"fp32": Tolerance(1e-4, 0.999), "int8": Tolerance(1.0, 0.95)}


@dataclass(frozen=True, slots=True)
class LitertFormat:
    """One `model.tflite` with everything inside; input `input`, output `logits`, one sample.

    The converter fixes the batch size, also in shapes inside the file that the runtime cannot
    resize, so the runtime is given one sample after the other. Token ids are int32 in the file.
    """

    name: str = "litert"
    precisions: tuple[str, ...] = ("fp32", "int8")
    extra: str = "litert"
    suffix: str = ".tflite"

    def missing_to_export(self) -> tuple[str, ...]:
        return toolchain.absent(TOOLCHAIN)

    def missing_to_run(self) -> tuple[str, ...]:
        return toolchain.absent(("ai_edge_litert",))

    def toolchain(self) -> tuple[tuple[str, str], ...]:
        return toolchain.versions(TOOLCHAIN)

    def export(
        self, model: LoadedModel, folder: Path, *, precision: str, samples: NetworkInput
    ) -> tuple[str, ...]:
        """See `contracts.Format`. int8 is static, weights symmetric by output channel."""
        example = folding.trace_rows(samples, model.network)
        module = folding.fold(model).module
        with converting(f"the {precision} LiteRT export of {model.network.name}"):
            content = litert_names.plain(_convert(module, example[:1]))
            if precision == "int8":
                content = litert_int8.quantize(content, samples)
            (folder / FILE).write_bytes(content)
        return require_written(folder, (FILE,))

    def inspect(self, folder: Path, files: Sequence[str]) -> tuple[TensorStat, ...]:
        return folding.nameless(litert_weights.weights(folder / files[0]))

    def expected(self, model: LoadedModel, *, precision: str) -> tuple[TensorStat, ...]:
        weights = tuple(map(_out_first, folding.fold(model).weights))
        if precision == "int8":
            weights = tuple(litert_int8.rounded(weight) for weight in weights)
        return folding.nameless(folding.stats(weights))

    def tolerance(self, precision: str) -> Tolerance:
        return TOLERANCES[precision]

    def bundle(self, artifact: Artifact, folder: Path) -> Bundle:
        return bundling.python_bundle("litert_session.py", artifact, folder)

    def taps(self, file: Path, scratch: Path) -> Taps:
        return litert_tap.taps(file, scratch)


LITERT = LitertFormat()


def _out_first(weight: folding.Weight) -> folding.Weight:
    """The weight with its output channels first: the converter turns transposed convolutions."""
    return folding.Weight(weight.name, np.moveaxis(weight.values, weight.channel_axis, 0), 0)


def _convert(module: Module, example: torch.Tensor) -> bytes:
    import litert_torch

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, FILE)
        litert_torch.convert(module, (example,)).export(str(path))
        return path.read_bytes()
