"""This host: a bundle runs in a fresh process, in a fresh folder, with nothing of ours loaded."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import Execution
from sc_deploy.devices import child, latency
from sc_deploy.errors import InferenceError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.contracts import Bundle
    from sc_deploy.devices.child import Finished

ABI: Final = "python"
# What a bundle's program returns when a module that it needs is not installed.
MISSING_MODULE: Final = 3


@dataclass(frozen=True, slots=True)
class LocalDevice:
    """Implements `contracts.Device`. `timeout` is the longest run allowed, in seconds."""

    name: str = "local"
    timeout: float = 3600.0

    def run(self, bundle: Bundle, inputs: Path, outputs: Path, *, batch: int = 64) -> Execution:
        """See `contracts.Device`. Outputs appear under their name only if everything held.

        Values that are not finite are passed on: the audit calls such an artifact INVALID.
        """
        if bundle.abi != ABI:
            raise UnavailableError(
                f"the bundle is for {bundle.abi!r}, this device runs {ABI!r}",
                remedy="choose a device for it with audit.device or --device",
            )
        outputs.parent.mkdir(parents=True, exist_ok=True)
        with _staged(bundle) as folder, _aside(outputs) as aside:
            record = folder / "record.json"
            places = {
                "{python}": sys.executable,
                "{inputs}": str(inputs.resolve()),
                "{outputs}": str(aside),
                "{record}": str(record),
                "{batch}": str(batch),
            }
            argv = [places.get(argument, argument) for argument in bundle.argv]
            _require_success(child.run(argv, folder, timeout=self.timeout))
            _require_answers(aside, inputs, bundle)
            execution = _read_record(record, outputs)
            aside.replace(outputs)
        return execution


LOCAL: Final = LocalDevice()


@contextmanager
def _staged(bundle: Bundle) -> Iterator[Path]:
    """A new folder with copies of the bundle's files, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scdeploy-") as name:
        folder = Path(name).resolve()
        for inside, source in bundle.files:
            if not source.is_file():
                raise InferenceError(
                    f"{source} is missing", remedy="export the artifact again, then audit it"
                )
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / inside)
        yield folder


@contextmanager
def _aside(outputs: Path) -> Iterator[Path]:
    """A name beside the outputs to write to first; nothing is left there afterwards."""
    with tempfile.TemporaryDirectory(dir=outputs.parent, prefix=f".{outputs.name}.") as name:
        yield Path(name).resolve() / "outputs.npy"


def _require_success(finished: Finished) -> None:
    if finished.code == 0:
        return
    problem = _problem(finished)
    if finished.code == MISSING_MODULE:
        raise UnavailableError(
            f"the runtime is not installed: {problem}",
            remedy="`scdeploy doctor` names the extra to install",
        )
    signal = f" (killed by signal {-finished.code})" if finished.code < 0 else ""
    raise InferenceError(
        f"the runtime ended with {finished.code}{signal}: {problem}",
        remedy="the file does not load or run; export it again, and do not ship it",
    )


def _problem(finished: Finished) -> str:
    """The runner's one line of JSON if it got that far, else the last lines of stderr."""
    try:
        told = json.loads(finished.tail[-1])
        return f"{told['error']}: {told['message']}"
    except (IndexError, ValueError, KeyError, TypeError):
        return "\n  | ".join(finished.tail) or "it said nothing"


def _require_answers(answers: Path, inputs: Path, bundle: Bundle) -> None:
    try:
        samples = len(np.load(inputs, mmap_mode="r", allow_pickle=False))
        found = np.load(answers, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InferenceError(
            f"the runtime reported success but left no readable outputs: {error}",
            remedy="this is a fault of the bundle's runner; report it to who wrote the format",
        ) from error
    wanted = (samples, *bundle.output.shape)
    if found.shape != wanted or found.dtype != np.float32:
        raise InferenceError(
            f"the runtime wrote {found.dtype} {found.shape}, expected float32 {wanted}",
            remedy="export the artifact again; the file does not answer as it declares",
        )


def _read_record(record: Path, outputs: Path) -> Execution:
    try:
        told = json.loads(record.read_text(encoding="utf-8"))
        return Execution(
            outputs=outputs,
            runtime=str(told["runtime"]),
            version=str(told["version"]),
            compute_unit=str(told["compute_unit"]),
            latency_ms=latency.median([float(ms) for ms in told["latency_ms"]]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InferenceError(
            f"the runtime reported success but left no valid record: {error!r}",
            remedy="this is a fault of the bundle's runner; report it to who wrote the format",
        ) from error
