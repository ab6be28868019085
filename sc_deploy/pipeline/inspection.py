"""Looks into a run or a model file: parameters, bytes, density by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy import digest, registry
from sc_deploy.contracts import ModelSummary, density_of
from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.pipeline import locate, models
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts import Format


def inspect(path: Path) -> tuple[ModelSummary, ...]:
    """Every model of a run folder, or the one in a `.safetensors`, `.onnx` or `.pte` file.

    Raises UsageError for what is neither.
    """
    if path.is_dir():
        run = RunFolder.open(path)
        run.require("compress")
        known = models.read(run)
        return (known.source,) if known.dense is None else (known.dense, known.source)
    if not path.is_file():
        raise UsageError(f"there is no {path}", remedy="give a run folder or a model file")
    if path.suffix == ".safetensors":
        return (_safetensors(path),)
    return (_artifact(path),)


def _safetensors(path: Path) -> ModelSummary:
    from safetensors import SafetensorError

    try:
        return models.summary(path.name, path, "safetensors", {})
    except SafetensorError as error:
        raise IntegrityError(
            f"{path} is no safetensors file: {error}", remedy="restore or make it again"
        ) from error


def _artifact(path: Path) -> ModelSummary:
    fmt = _format_of(path)
    locate.require_runtime(fmt)
    tensors = fmt.inspect(path.parent, [path.name])
    return ModelSummary(
        name=path.name,
        network=fmt.name,
        digest=digest.of_file(path),
        parameters=sum(tensor.size for tensor in tensors),
        bytes=path.stat().st_size,
        density=density_of(tensors),
        tensors=tensors,
    )


def _format_of(path: Path) -> Format:
    known = {
        fmt.suffix: fmt
        for name in registry.names(registry.Group.TARGETS)
        for fmt in registry.target(name).formats
    }
    if path.suffix not in known:
        raise UsageError(
            f"{path.name} has no ending that is known: {path.suffix!r}",
            remedy=f"give a run folder, or a file ending in {', '.join(['.safetensors', *known])}",
        )
    return known[path.suffix]
