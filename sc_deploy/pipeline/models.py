"""The models of a run in figures, counted once after compression, readable without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from safetensors import safe_open

from sc_deploy import digest, workspace
from sc_deploy.contracts import ModelSummary, TensorStat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sc_deploy.workspace import RunFolder


@dataclass(frozen=True, slots=True)
class Models:
    """The dense baseline, where one was trained, and the compressed source."""

    dense: ModelSummary | None
    source: ModelSummary


def write(run: RunFolder, *, network: str, governed: Iterable[str]) -> None:
    """Count the weights files of a run; `governed` are the tensors that masks act on."""
    names = tuple(governed)
    baseline = run.compressed / "dense.safetensors"
    dense = summary("dense", baseline, network, names) if baseline.is_file() else None
    source = summary("source", run.compressed / "model.safetensors", network, names)
    workspace.write_document(run.compressed / "models.json", Models(dense, source))


def read(run: RunFolder) -> Models:
    return workspace.read_document(run.compressed / "models.json", Models)


def summary(name: str, path: Path, network: str, governed: tuple[str, ...]) -> ModelSummary:
    """What a safetensors file holds; without `governed`, every tensor of two axes or more.

    Running statistics of batch norms are no parameters.
    """
    stats = {stat.name: stat for stat in tensor_stats(path)}
    names = governed or tuple(n for n, stat in stats.items() if len(stat.shape) >= 2)
    tensors = tuple(stats[name] for name in names)
    total = sum(tensor.size for tensor in tensors)
    return ModelSummary(
        name=name,
        network=network,
        digest=digest.of_file(path),
        parameters=sum(s.size for n, s in stats.items() if not _is_statistic(n)),
        bytes=path.stat().st_size,
        density=sum(tensor.nonzero for tensor in tensors) / total if total else 0.0,
        tensors=tensors,
    )


def tensor_stats(path: Path) -> Iterator[TensorStat]:
    """Name, shape and number of non-zero values of each tensor of a safetensors file."""
    with safe_open(path, framework="numpy") as archive:
        for name in archive.keys():  # noqa: SIM118 (no mapping, only this method)
            array: NDArray[np.generic] = archive.get_tensor(name)
            yield TensorStat(name, array.shape, int(np.count_nonzero(array)), array.size)


def _is_statistic(name: str) -> bool:
    return name.endswith(("running_mean", "running_var", "num_batches_tracked"))
