"""The ledger of looks at audit samples: append-only and chained, so that retries show."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sc_deploy import workspace
from sc_deploy.errors import IntegrityError

if TYPE_CHECKING:
    from sc_deploy.workspace import RunFolder

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Look:
    """One scoring of the audit samples. `previous` is the sha256 of the line before."""

    at: str
    roles_digest: str
    artifact_digest: str
    device: str
    previous: str


def record(run: RunFolder, *, roles_digest: str, artifact_digest: str, device: str) -> int:
    """Enter a look before it happens; how often these audit samples were looked at by now.

    Raises IntegrityError if a line of the ledger was changed or removed.
    """
    lines = _lines(run)
    heads = _chain(lines)
    _require_recorded_head(run, heads)
    look = Look(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        roles_digest=roles_digest,
        artifact_digest=artifact_digest,
        device=device,
        previous=heads[-1],
    )
    text = json.dumps({name: getattr(look, name) for name in Look.__slots__}, sort_keys=True)
    _append(run, text)
    run.finish("ledger", _head(text), ())
    return sum(json.loads(line)["roles_digest"] == roles_digest for line in [*lines, text])


def verify(run: RunFolder) -> None:
    """Raise IntegrityError if a line of the ledger was changed or removed."""
    _require_recorded_head(run, _chain(_lines(run)))


def _lines(run: RunFolder) -> list[str]:
    return run.ledger.read_text(encoding="utf-8").splitlines() if run.ledger.is_file() else []


def _head(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _chain(lines: list[str]) -> list[str]:
    """The chain's heads after each line, `GENESIS` before the first."""
    heads = [GENESIS]
    for number, line in enumerate(lines, 1):
        try:
            intact = json.loads(line)["previous"] == heads[-1]
        except (ValueError, KeyError, TypeError):
            intact = False
        if not intact:
            raise _tampered(f"line {number} of ledger.jsonl does not follow from the line before")
        heads.append(_head(line))
    return heads


def _require_recorded_head(run: RunFolder, heads: list[str]) -> None:
    # Lines beyond the recorded head are fine: a kill may fall between the line and the manifest.
    recorded = run.manifest().stages.get("ledger")
    if recorded is not None and recorded.key not in heads:
        raise _tampered("ledger.jsonl has lost its last lines")


def _tampered(what: str) -> IntegrityError:
    return IntegrityError(
        what,
        remedy="restore the ledger; how often audit samples were used must stay visible",
    )


def _append(run: RunFolder, line: str) -> None:
    with run.ledger.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    workspace.sync_folder(run.root)
