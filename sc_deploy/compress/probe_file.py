"""Answers to altered samples on disk, one `.npz` a model."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy import workspace
from sc_deploy.contracts import Knowledge, Role
from sc_deploy.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write(path: Path, known: Mapping[Role, Knowledge]) -> None:
    """Write `<role>.votes` and `<role>.distance`, with mode 0600: they betray single samples."""
    arrays = {
        f"{role}.{name}": array for role, told in known.items() for name, array in told.arrays()
    }
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    workspace.write_bytes(path, buffer.getvalue(), mode=workspace.SECRET)


def read(path: Path) -> dict[Role, Knowledge]:
    """What `write` wrote. The run's manifest vouches for its bytes. Raises IntegrityError."""
    found: dict[Role, dict[str, np.ndarray]] = {}
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            for key in archive.files:
                role, _, name = key.partition(".")
                found.setdefault(Role(role), {})[name] = archive[key]
        return {
            role: Knowledge(votes=told.get("votes"), distance=told.get("distance"))
            for role, told in found.items()
        }
    except (OSError, ValueError, KeyError, RuntimeError, EOFError, zipfile.error) as error:
        raise IntegrityError(
            f"{path} does not hold answers to altered samples: {error}",
            remedy="run compress again with --overwrite",
        ) from error
