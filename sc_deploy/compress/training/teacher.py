"""Which trained network teaches, where the recipe distils?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.compress import checkpoint
from sc_deploy.compress.processes.sharded import place
from sc_deploy.compress.processes.sharing import sharing
from sc_deploy.recipe.defence import Distillation

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import nn

    from sc_deploy.compress.job import Job


def teacher(job: Job, folder: Path, device: torch.device) -> nn.Module | None:
    """The dense baseline in the state folder, or the network with the weights that were brought.

    None where the recipe does not distil. Raises IntegrityError if the baseline cannot be read.
    """
    asked = next((found for found in job.recipe.defence if isinstance(found, Distillation)), None)
    if asked is None:
        return None
    if asked.teacher == "brought":
        module = job.factory(job.recipe.seed)
    else:
        module = checkpoint.load_dense(folder, job.network, job.factory).module
    return place(module, device, sharing(job, "data"))
