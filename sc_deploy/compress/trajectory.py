"""Dense training with every round's state kept: when should one have stopped?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy import workspace
from sc_deploy.compress import state
from sc_deploy.compress.answers import predict
from sc_deploy.compress.candidates import rounds
from sc_deploy.compress.candidates.exam import graded
from sc_deploy.compress.candidates.marks import CONFIDENCE
from sc_deploy.compress.candidates.presented import presented
from sc_deploy.compress.candidates.topology import first_masks
from sc_deploy.compress.checks import require_trainable
from sc_deploy.compress.job import key
from sc_deploy.compress.resume import StateFile
from sc_deploy.compress.training.surroundings import repeatable, require_device
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Rate, Role
from sc_deploy.errors import IntegrityError
from sc_deploy.privacy.statistics.proportion import mean_share

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import TrainingState
    from sc_deploy.progress import Progress

SCHEMA_VERSION: Final = 1
INDEX: Final = "trajectory.json"


@dataclass(frozen=True, slots=True)
class Stop:
    """The network at the end of a round, and its validation accuracy as the recipe counts it."""

    state: StateFile
    validation: Rate


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One dense training: `stops` in the order of training, the last at its end.

    `key` is the digest of all that it was made from, as of a compression.
    """

    schema_version: int
    key: str
    stops: tuple[Stop, ...]


def found(job: Job, folder: Path) -> Trajectory | None:
    """The finished trajectory of this job in a folder; None where there is none of this job."""
    if not (folder / INDEX).is_file():
        return None
    there = workspace.read_document(folder / INDEX, Trajectory)
    return there if there.key == key(job) else None


def train(job: Job, folder: Path, progress: Progress) -> Trajectory:
    """Train with every weight alive from first to last, keeping the state of each round.

    Same seed, batches and steps as a compression of the same job, and what is kept of a round is
    what that would return: averaged where the recipe averages, without the optimizer's moments.
    The index is written last; what was interrupted begins anew. Raises UsageError,
    UnavailableError, CompressionError.
    """
    require_trainable(job)
    device = require_device(job.recipe.compress.device)
    progress.start("dense, every round kept", job.steps)
    stops = []
    with repeatable(device, threads=job.recipe.compress.threads):
        trainer = Trainer(job, first_masks(job), device)
        for this in rounds.plan(job):
            trainer.train_to(this.end, progress)
            with presented(trainer) as shown:
                stops.append(Stop(_write(folder, shown), _validation(job, trainer)))
    done = Trajectory(SCHEMA_VERSION, key(job), tuple(stops))
    workspace.write_document(folder / INDEX, done, mode=workspace.SECRET)
    return done


def read(folder: Path, stop: Stop) -> TrainingState:
    """The state of a stop, without moments. Raises IntegrityError if its bytes changed."""
    path = folder / stop.state.name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != stop.state.sha256:
        raise IntegrityError(
            f"{path} is missing or was changed",
            remedy=f"remove {folder}, and run the same command again",
        )
    return state.decode(content, step=stop.state.step)


def _write(folder: Path, reached: TrainingState) -> StateFile:
    content = state.encode(reached)
    file = StateFile(hashlib.sha256(content).hexdigest(), reached.step)
    workspace.write_bytes(folder / file.name, content, mode=workspace.SECRET)
    return file


def _validation(job: Job, trainer: Trainer) -> Rate:
    answers = predict(trainer.module, job.task, job.roles, Role.VALIDATION)
    return mean_share(graded(job, answers), confidence=CONFIDENCE)
