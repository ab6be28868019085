"""Every candidate that was ever examined, one JSON object a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError

from sc_deploy import workspace
from sc_deploy.contracts import Candidate
from sc_deploy.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CANDIDATE: Final = TypeAdapter(Candidate)


def write(path: Path, history: Sequence[Candidate]) -> None:
    """The whole file anew, so that a kill leaves the old one or the new one. No times in it."""
    lines = [CANDIDATE.dump_json(candidate).decode() + "\n" for candidate in history]
    workspace.write_text(path, "".join(lines))


def read(path: Path) -> tuple[Candidate, ...]:
    """The candidates in the order of their examination. Raises IntegrityError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(CANDIDATE.validate_json(line) for line in lines)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise IntegrityError(
            f"{path} is not a readable history of candidates: {error}",
            remedy="restore the file or compress again",
        ) from error
