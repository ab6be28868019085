"""The search's reference model: the same recipe on other samples, for safety tests alone.

It tells hard samples from unseen ones while candidates compete. Reference models of the *audit* are
whole runs of their own (`sc_deploy.pipeline.references`), trained after the search has ended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy import digest, workspace
from sc_deploy.compress import state
from sc_deploy.compress.answers import predict
from sc_deploy.compress.candidates.presented import presented
from sc_deploy.compress.checkpoint import REFERENCE
from sc_deploy.compress.processes.sharded import place
from sc_deploy.compress.processes.sharing import sharing
from sc_deploy.compress.randomness import derive
from sc_deploy.compress.safety.background import Background
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.contracts import Need, Role, Roles

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts.arrays import Float32
    from sc_deploy.progress import Progress
    from sc_deploy.sparse.masks import Masks

SCHEMA_VERSION: Final = 1
TAUGHT_BY: Final = (Role.MEMBER_REFERENCE, Role.NON_MEMBER_REFERENCE)
"""Disjoint from what safety tests ask about, from what fits attackers, and from the audit."""

NEED_OTHERS: Final = frozenset({"distillation", "adversarial-regularisation"})
"""Defences that teach a network by samples or models beyond its own members."""


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    """`compressed/reference.json`: which model the candidates were held against."""

    schema_version: int
    weights_sha256: str
    roles_digest: str
    samples: int
    steps: int


def wanted(job: Job) -> bool:
    """Whether a safety test of the recipe needs a reference model."""
    return any(Need.REFERENCE in test.needs for test in job.safety_tests)


def reference_job(job: Job) -> Job:
    """The same recipe with another seed, whose members are the *reference* samples.

    As many passes over them as the recipe has, so that the model comes to fit its own samples
    as the candidates fit theirs; they are fewer, and so are its steps. Of the defences two are
    left out: distillation, whose teacher knows the members, and adversarial regularisation, whose
    attacker would learn from the samples that are trained on here.
    """
    changed = {
        "seed": derive(job.recipe.seed, "reference") % 2**32,
        "defence": tuple(d for d in job.recipe.defence if d.name not in NEED_OTHERS),
    }
    return replace(
        job,
        recipe=job.recipe.model_copy(update=changed),
        roles=_taught(job.roles),
        safety_tests=(),
    )


def train_reference(
    reference: Job, masks: Masks, folder: Path, device: torch.device, progress: Progress
) -> Path:
    """Write `reference.safetensors`, a training state, into the state folder; its path.

    It is averaged and recalibrated as candidates are. `masks` stay as they are: the topology is
    the recipe's in density and distribution, and nothing is selected. It is resumed as a whole:
    a file that is there is finished.
    """
    path = folder / REFERENCE
    progress.start("reference model", reference.steps)
    if path.is_file():
        progress.advance(reference.steps, note="found finished")
        return path
    trainer = Trainer(reference, masks, device)
    trainer.train_to(reference.steps, progress)
    with presented(trainer) as shown:
        workspace.write_bytes(path, state.encode(shown), mode=workspace.SECRET)
    return path


def background(job: Job, path: Path, device: torch.device) -> Background:
    """What the reference model in this file answers where safety tests will ask it."""
    module = place(job.factory(0), device, sharing(job, "data"))
    state.restore(state.decode(path.read_bytes(), step=0), module)
    roles = {
        role for test in job.safety_tests if Need.REFERENCE in test.needs for role in test.reads
    }
    return Background({role: _logits(job, module, role) for role in sorted(roles)})


def record(reference: Job, path: Path) -> ReferenceRecord:
    """What may leave the state folder of it."""
    return ReferenceRecord(
        SCHEMA_VERSION,
        digest.of_file(path),
        reference.roles.digest,
        len(reference.members),
        reference.steps,
    )


def _logits(job: Job, module: torch.nn.Module, role: Role) -> Float32:
    return predict(module, job.task, job.roles, role).logits


def _taught(roles: Roles) -> Roles:
    rows = roles.rows(*TAUGHT_BY)
    code = list(Role).index(Role.MEMBER_REFERENCE)
    return replace(
        roles,
        sample_id=roles.sample_id[rows],
        index=roles.index[rows],
        role=np.full(len(rows), code, np.uint8),
        label=roles.label[rows],
        flipped=roles.flipped[rows],
        digest=digest.of_json([roles.digest, "reference"]),
    )
