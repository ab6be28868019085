"""Trains several reference models side by side, each in a process and on a GPU of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy import errors
from sc_deploy.errors import ProcessError, ScDeployError
from sc_deploy.pipeline.execution import scratch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sc_deploy.pipeline.references.plan import Reference
    from sc_deploy.pipeline.references.train import Order
    from sc_deploy.progress import Progress
    from sc_deploy.workspace import RunFolder

WORKER: Final = "sc_deploy.pipeline.references.worker"
PAUSE: Final = 0.1
TAIL: Final = 2000


@dataclass(frozen=True, slots=True, eq=False)
class _Child:
    """A process at work on one reference model; `outcome` and `log` are files that it leaves."""

    reference: Reference
    process: subprocess.Popen[bytes]
    outcome: Path
    log: Path


def trained(
    run: RunFolder, missing: Sequence[Reference], order: Order, progress: Progress
) -> Iterator[Reference]:
    """Each reference model as it is finished, `order.processes` at a time; `order.count` counts
    all of the run.

    When one fails, or whoever asked goes away, the others are ended; they go on another time.
    Raises what training raises, ProcessError where a process died without a word.
    """
    waiting = list(missing)
    running: dict[int, _Child] = {}
    devices = devices_of(missing[0])
    progress.start("reference models", len(missing))
    with scratch(run.cache) as folder:
        try:
            while waiting or running:
                for slot in set(range(order.processes)) - running.keys():
                    if waiting:
                        environment = environment_of(devices, slot)
                        running[slot] = _start(run, waiting.pop(0), order, folder, environment)
                for slot, child in _ended(running):
                    del running[slot]
                    _require_done(child)
                    progress.advance(note=f"reference model {child.reference.number}")
                    yield child.reference
                time.sleep(PAUSE)
        finally:
            for child in running.values():
                child.process.kill()
                child.process.wait()


def _start(
    run: RunFolder, reference: Reference, order: Order, folder: Path, environment: dict[str, str]
) -> _Child:
    outcome = folder / f"{reference.number}.json"
    log = folder / f"{reference.number}.log"
    trust = () if order.trust_code is None else (order.trust_code,)
    argv = (str(run.root), str(reference.number), str(order.count), str(outcome), *trust)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", WORKER, *argv],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    return _Child(reference, process, outcome, log)


def _ended(running: dict[int, _Child]) -> list[tuple[int, _Child]]:
    return [(slot, child) for slot, child in running.items() if child.process.poll() is not None]


def _require_done(child: _Child) -> None:
    if not child.outcome.is_file():
        tail = child.log.read_text(encoding="utf-8", errors="replace")[-TAIL:].strip()
        raise ProcessError(
            f"the process of reference model {child.reference.number} ended with code "
            f"{child.process.returncode}: {tail or 'it said nothing'}",
            remedy="run the same command again: it goes on where they stood",
        )
    told = json.loads(child.outcome.read_text(encoding="utf-8"))
    if told is not None:
        kind: type[ScDeployError] = getattr(errors, told["kind"])
        listed = [errors.Problem(*problem) for problem in told["problems"]]
        raise kind(told["what"], remedy=told["remedy"], problems=listed)


def devices_of(reference: Reference) -> Sequence[str]:
    """The CUDA devices that may be used, by the names they are asked for with."""
    if reference.problem.recipe.compress.device != "cuda":
        return ()
    if named := os.environ.get("CUDA_VISIBLE_DEVICES"):
        return named.split(",")
    import torch

    return [str(number) for number in range(torch.cuda.device_count())]


def environment_of(devices: Sequence[str], slot: int) -> dict[str, str]:
    """The caller's, with one GPU for each process as long as there are some."""
    if not devices:
        return dict(os.environ)
    return os.environ | {"CUDA_VISIBLE_DEVICES": devices[slot % len(devices)]}
