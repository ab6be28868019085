"""The dense baseline: the same recipe without masks, to show what compression changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sc_deploy import workspace
from sc_deploy.compress import state
from sc_deploy.compress.checkpoint import DENSE, weights_of
from sc_deploy.compress.training.trainer import Trainer

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from sc_deploy.compress.job import Job
    from sc_deploy.progress import Progress


def train_dense(job: Job, folder: Path, device: torch.device, progress: Progress) -> Path:
    """Write `dense.safetensors` into the state folder; its path.

    The same seed, batches, defences and number of steps, every weight alive, the last weights as
    they are; only distillation has no place, since this is its teacher. It stops to save as often
    as the loop does, and goes on from there; a file that is there is finished.
    """
    path = folder / DENSE
    progress.start("dense baseline", job.steps)
    if path.is_file():
        progress.advance(job.steps, note="found finished")
        return path
    trainer = Trainer(_plain(job), {}, device)
    if (saved := _latest(folder)) is not None:
        trainer.restore(state.decode(saved.read_bytes(), step=_step(saved)))
        progress.advance(trainer.step, note=f"goes on at step {trainer.step}")
    while trainer.step < job.steps:
        every = job.recipe.compress.update_every
        trainer.train_to(min(trainer.step + every, job.steps), progress)
        _save(trainer, folder)
    workspace.write_bytes(path, weights_of(trainer.capture()))
    return path


def _plain(job: Job) -> Job:
    """The same without averaging, which the baseline does not return."""
    compress = job.recipe.compress.model_copy(update={"average": "none"})
    return replace(job, recipe=job.recipe.model_copy(update={"compress": compress}))


def _save(trainer: Trainer, folder: Path) -> None:
    """The new state first, then away with older ones: a kill leaves one that is whole."""
    older = list(folder.glob("dense.*.safetensors"))
    new = folder / f"dense.{trainer.step}.safetensors"
    workspace.write_bytes(new, state.encode(trainer.capture()), mode=workspace.SECRET)
    for path in older:
        path.unlink()


def _latest(folder: Path) -> Path | None:
    return max(folder.glob("dense.*.safetensors"), key=_step, default=None)


def _step(saved: Path) -> int:
    return int(saved.name.split(".")[1])
