"""The compress stage: from a job to a checkpoint, and what it answers, in a run folder."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sc_deploy import workspace
from sc_deploy.compress import checkpoint, history, loop, loss_traces, record, search_reference
from sc_deploy.compress.candidates.topology import first_masks
from sc_deploy.compress.checks import require_trainable
from sc_deploy.compress.dense import train_dense
from sc_deploy.compress.job import key, recipe_digest
from sc_deploy.compress.narrowing import narrowed
from sc_deploy.compress.observe import DENSE, SOURCE, observe
from sc_deploy.compress.probed import write_probed
from sc_deploy.compress.processes.handover import hand_over, make_spread
from sc_deploy.compress.processes.ranks import connected
from sc_deploy.compress.processes.sharing import sharing
from sc_deploy.compress.resume import Store, open_store
from sc_deploy.compress.training.surroundings import repeatable, require_device
from sc_deploy.compress.training.teacher import teacher
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import torch

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts import Checkpoint, LoadedModel
    from sc_deploy.progress import Progress


def compress(job: Job, run: RunFolder, *, resume: bool, progress: Progress) -> Checkpoint:
    """Train the dense baseline if asked for, run the SafeCompress loop, write down all answers.

    With `resume` it goes on after the last finished round, whenever and however it was ended,
    and on the CPU comes to the same bytes; with nothing to go on from, it begins. Raises
    UsageError listing every problem before training begins, UnavailableError, CompressionError,
    IntegrityError.
    """
    require_trainable(job)
    device = require_device(job.recipe.compress.device, job.ranks)
    store = open_store(run, key(job), resume=resume)
    with repeatable(device, threads=job.recipe.compress.threads):
        standing = _trained(job, run, store, device, progress)
        found = _publish(job, run, standing)
        for subject, model in models(job, run):
            observe(model, job, run, subject=subject, progress=progress)
            write_probed(model, job, run, subject=subject)
    store.discard()
    return found


def assist(job: Job, progress: Progress) -> None:
    """What each process but the first does of `compress`: it trains along.

    What it writes lies in a folder of its own, with what the first had to resume from, and is
    gone afterwards.
    """
    require_trainable(job)
    device = require_device(job.recipe.compress.device, job.ranks)
    with tempfile.TemporaryDirectory(prefix="scdeploy-") as folder:
        run = RunFolder(Path(folder))
        store = open_store(run, key(job), resume=False)
        with repeatable(device, threads=job.recipe.compress.threads):
            _trained(job, run, store, device, progress)


def outputs(job: Job, run: RunFolder) -> tuple[Path, ...]:
    """The files that a finished `compress` of this job has written, for the manifest."""
    names = [record.FILE, checkpoint.WEIGHTS, checkpoint.MASKS, checkpoint.NETWORK]
    dense = job.recipe.compress.dense_baseline
    subjects = (SOURCE, DENSE) if dense else (SOURCE,)
    paths = [run.predictions(subject, role) for subject in subjects for role in job.inhabited]
    return (
        *(run.compressed / name for name in (*names, *([checkpoint.DENSE] if dense else []))),
        run.history,
        *([run.loss_traces] if job.recipe.compress.loss_traces else []),
        *([run.probes(subject) for subject in subjects] if job.probed else []),
        *([run.reference] if search_reference.wanted(job) else []),
        *(path.with_suffix(kind) for path in paths for kind in (".npz", ".json")),
    )


def models(job: Job, run: RunFolder) -> Iterator[tuple[str, LoadedModel]]:
    """The compressed network and, where the recipe trains one, the dense baseline."""
    yield SOURCE, checkpoint.load_model(run.compressed, job.factory)
    if job.recipe.compress.dense_baseline:
        yield DENSE, checkpoint.load_dense(run.compressed, job.network, job.factory)


def _trained(
    job: Job, run: RunFolder, store: Store, device: torch.device, progress: Progress
) -> loop.Standing:
    """Where the search ends, all that it needs trained before it."""
    with connected():
        hand_over(job.ranks, store.folder)
        _spread_models(job, store.folder, device, progress)
        _publish_dense(job, run, store.folder, device, progress)
        job = _with_background(job, run, store.folder, device, progress)
        return _search(job, run, store, device, progress)


def _spread_models(job: Job, folder: Path, device: torch.device, progress: Progress) -> None:
    """Let processes that share candidates share these models too; one process trains them later."""
    ranks = sharing(job, "candidates")
    if ranks.alone:
        return
    tasks: dict[Path, Callable[[], object]] = {}
    if job.recipe.compress.dense_baseline:
        tasks[folder / checkpoint.DENSE] = partial(train_dense, job, folder, device, progress)
    if search_reference.wanted(job):
        taught = search_reference.reference_job(job)
        tasks[folder / checkpoint.REFERENCE] = partial(
            search_reference.train_reference, taught, first_masks(taught), folder, device, progress
        )
    make_spread(ranks, tasks)


def _publish_dense(
    job: Job, run: RunFolder, folder: Path, device: torch.device, progress: Progress
) -> None:
    published = run.compressed / checkpoint.DENSE
    if job.recipe.compress.dense_baseline:
        trained = train_dense(job, folder, device, progress)
        workspace.write_bytes(published, trained.read_bytes())
    else:
        published.unlink(missing_ok=True)


def _with_background(
    job: Job, run: RunFolder, folder: Path, device: torch.device, progress: Progress
) -> Job:
    """The job with what safety tests see beside the candidates; its reference is on record."""
    if not search_reference.wanted(job):
        run.reference.unlink(missing_ok=True)
        return job
    taught = search_reference.reference_job(job)
    path = search_reference.train_reference(taught, first_masks(taught), folder, device, progress)
    workspace.write_document(run.reference, search_reference.record(taught, path))
    return replace(job, background=search_reference.background(job, path, device))


def _search(
    job: Job, run: RunFolder, store: Store, device: torch.device, progress: Progress
) -> loop.Standing:
    taught_by = teacher(job, store.folder, device)
    trainer = Trainer(job, first_masks(job), device, teacher=taught_by)
    standing = store.load() or loop.begin(trainer.capture())

    def save(reached: loop.Standing) -> None:
        store.save(reached)
        history.write(run.history, reached.history)

    return loop.run(trainer, standing, save, progress)


def _publish(job: Job, run: RunFolder, standing: loop.Standing) -> Checkpoint:
    history.write(run.history, standing.history)
    kept = standing.kept.state
    workspace.write_document(run.compressed / record.FILE, record.of(job, kept, standing.diverged))
    if job.recipe.compress.loss_traces:
        loss_traces.save(job, kept, run.loss_traces)
    state, network, uncut = narrowed(job, kept)
    origin = checkpoint.Origin(network, recipe_digest(job.recipe), job.roles.digest, uncut)
    return checkpoint.save(run.compressed, state, origin)
