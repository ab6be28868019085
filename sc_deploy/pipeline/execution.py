"""The answers of an artifact: its bundle run on a device over the samples of many roles."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy import predictions as store
from sc_deploy.contracts import Predictions, Provenance, Role
from sc_deploy.tasks import batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sc_deploy.contracts import Bundle, Device, Execution, Roles, Task
    from sc_deploy.contracts.arrays import Float32, Int64

BATCH: Final = 64
# Sizes that an exporter which fixed the batch dimension, or its example's size, cannot all serve.
PROBE_BATCHES: Final = (1, 7, BATCH)
PROBE_SAMPLES: Final = 2 * BATCH + 5


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Preprocessed samples on disk: a `.npy` [len(rows), ...] for these rows of the roles."""

    path: Path
    rows: Int64


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the device returned for `Inputs`, row by row: logits float32 [n, C]."""

    logits: Float32
    execution: Execution


@contextmanager
def prepared(task: Task, roles: Roles, wanted: Sequence[Role], folder: Path) -> Iterator[Inputs]:
    """The inputs of the wanted roles in a private temporary file, removed afterwards."""
    rows = roles.rows(*wanted)
    with scratch(folder) as private:
        path = private / "inputs.npy"
        batches.write_inputs(task, roles.index[rows], path)
        yield Inputs(path, rows)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A temporary folder that only this user can read, under `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as private:
        yield Path(private)


def run(device: Device, bundle: Bundle, inputs: Inputs, *, batch: int = BATCH) -> Answers:
    """Execute the bundle once in a fresh process. Raises InferenceError."""
    outputs = inputs.path.with_name(f"outputs-{batch}.npy")
    execution = device.run(bundle, inputs.path, outputs, batch=batch)
    return Answers(np.load(outputs, allow_pickle=False), execution)


def probe(device: Device, bundle: Bundle, inputs: Inputs) -> Mapping[int, Float32]:
    """Logits of the same few samples at each probe batch size. Raises InferenceError."""
    few = Inputs(inputs.path.with_name("probe.npy"), inputs.rows[:PROBE_SAMPLES])
    np.save(few.path, np.load(inputs.path, mmap_mode="r")[:PROBE_SAMPLES])
    return {size: run(device, bundle, few, batch=size).logits for size in PROBE_BATCHES}


def unsteady(probed: Mapping[int, Float32], logits: Float32) -> tuple[int, ...]:
    """Batch sizes whose answers differ from the whole run's: a model that looks at its
    neighbours in the batch has no answer of its own to audit."""
    scale = float(np.std(logits[np.isfinite(logits)])) if np.isfinite(logits).any() else 0.0
    return tuple(
        size
        for size, found in probed.items()
        if not np.allclose(
            found, logits[: len(found)], rtol=0.0, atol=1e-3 * (scale or 1.0), equal_nan=True
        )
    )


def by_role(answers: Answers, inputs: Inputs, roles: Roles) -> dict[Role, Predictions]:
    """The answers as predictions of each role that has samples among the inputs."""
    codes = roles.role[inputs.rows]
    found: dict[Role, Predictions] = {}
    for code, role in enumerate(Role):
        at = np.flatnonzero(codes == code)
        if len(at):
            rows = inputs.rows[at]
            found[role] = Predictions(answers.logits[at], roles.label[rows], roles.sample_id[rows])
    return found


def save(
    predictions: Mapping[Role, Predictions], paths: Mapping[Role, Path], origin: Provenance
) -> None:
    """Write the predictions of each role with their provenance."""
    from dataclasses import replace

    for role, found in predictions.items():
        own = replace(origin, role=role, predictions_sha256=store.content_digest(found))
        store.write(paths[role], found, own)
