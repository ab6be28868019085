"""Predictions on disk: arrays in `.npz`, their origin in `.json` beside it, paired by sample."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy import digest, workspace
from sc_deploy.contracts import Predictions, Provenance
from sc_deploy.errors import IntegrityError

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts.arrays import Int64, UInt8

ARRAYS = {"logits": np.float32, "labels": np.int64, "sample_id": np.uint8}


def content_digest(predictions: Predictions) -> str:
    """Digest of the three arrays; goes into `Provenance.predictions_sha256`."""
    return digest.of_arrays({name: getattr(predictions, name) for name in ARRAYS})


def write(path: Path, predictions: Predictions, provenance: Provenance) -> None:
    """Write both files with mode 0600: labels and ids of members are themselves a leak."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: getattr(predictions, name) for name in ARRAYS})
    workspace.write_bytes(path, buffer.getvalue(), mode=workspace.SECRET)
    workspace.write_document(path.with_suffix(".json"), provenance, mode=workspace.SECRET)


def read(path: Path) -> tuple[Predictions, Provenance]:
    """Both files. Raises IntegrityError if they are unreadable or do not belong together."""
    provenance = workspace.read_document(path.with_suffix(".json"), Provenance)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in ARRAYS}
    # A flipped byte in a zip file can surface as almost any exception of the zip reader.
    except (OSError, ValueError, KeyError, RuntimeError, EOFError, zipfile.error) as error:
        raise IntegrityError(
            f"{path} does not hold predictions: {error}", remedy="make them again"
        ) from error
    predictions = Predictions(**arrays)
    _require_shapes(path, predictions)
    if content_digest(predictions) != provenance.predictions_sha256:
        raise IntegrityError(
            f"{path} is not what {path.with_suffix('.json').name} describes",
            remedy="make the predictions again; if nobody touched them, find out who did",
        )
    return predictions, provenance


def align(first: Predictions, second: Predictions) -> Predictions:
    """`second` in the order of `first`, sample by sample.

    Raises IntegrityError unless both hold exactly the same samples with the same labels.
    """
    order = _rows_of(second.sample_id, first.sample_id)
    aligned = Predictions(second.logits[order], second.labels[order], second.sample_id[order])
    if not np.array_equal(aligned.labels, first.labels):
        raise IntegrityError(
            "the two sets of predictions disagree about labels",
            remedy="make both from the same task and roles",
        )
    return aligned


def select(predictions: Predictions, sample_id: UInt8) -> Predictions:
    """The rows of these sample ids uint8 [k, 32], in their order. Raises IntegrityError."""
    rows = rows_of(predictions.sample_id, sample_id)
    return Predictions(predictions.logits[rows], predictions.labels[rows], sample_id)


def rows_of(stored: UInt8, wanted: UInt8) -> Int64:
    """Where each of these ids uint8 [k, 32] is stored, int64 [k]. Raises IntegrityError."""
    return _rows_of(stored, wanted, whole=False)


def _rows_of(stored: UInt8, wanted: UInt8, *, whole: bool = True) -> Int64:
    position = {row.tobytes(): number for number, row in enumerate(stored)}
    if len(position) != len(stored):
        raise IntegrityError("a sample occurs twice in predictions", remedy="make them again")
    rows = [position.get(row.tobytes(), -1) for row in wanted]
    if -1 in rows or (whole and len(rows) != len(stored)):
        raise IntegrityError(
            f"{rows.count(-1)} of {len(rows)} samples have no counterpart "
            f"({len(stored)} are there)",
            remedy="make both sets of predictions from the same roles",
        )
    return np.asarray(rows, dtype=np.int64)


def _require_shapes(path: Path, found: Predictions) -> None:
    n = len(found.labels)
    fits = (
        found.logits.ndim == 2
        and len(found.logits) == n
        and found.sample_id.shape == (n, 32)
        and all(getattr(found, name).dtype == dtype for name, dtype in ARRAYS.items())
    )
    if not fits:
        raise IntegrityError(
            f"{path} holds arrays of other shapes or types than predictions have",
            remedy="logits float32 [N, C], labels int64 [N], sample_id uint8 [N, 32]",
        )
