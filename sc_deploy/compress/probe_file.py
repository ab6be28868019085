"""Answers to altered samples on disk, one `.safetensors` a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safetensors import SafetensorError
from safetensors.numpy import load, save

from sc_deploy import workspace
from sc_deploy.contracts import Knowledge, Role
from sc_deploy.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write(path: Path, known: Mapping[Role, Knowledge]) -> None:
    """Write `<role>.votes` and `<role>.distance`, with mode 0600: they betray single samples."""
    content = save(
        {f"{role}.{name}": array for role, told in known.items() for name, array in told.arrays()}
    )
    workspace.write_bytes(path, content, mode=workspace.SECRET)


def read(path: Path) -> dict[Role, Knowledge]:
    """What `write` wrote. The run's manifest vouches for its bytes. Raises IntegrityError."""
    try:
        arrays = load(path.read_bytes())
        roles = {Role(key.partition(".")[0]) for key in arrays}
    except (OSError, ValueError, SafetensorError) as error:
        raise IntegrityError(
            f"{path} does not hold answers to altered samples: {error}",
            remedy="run compress again with --overwrite",
        ) from error
    return {
        role: Knowledge(votes=arrays.get(f"{role}.votes"), distance=arrays.get(f"{role}.distance"))
        for role in roles
    }
