"""How much does a sample of each class count in the loss?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job


def class_weights(job: Job, device: torch.device) -> torch.Tensor | None:
    """float32 [C] by the recipe, or None where all classes count alike.

    `balanced`: members / (C x members of the class), so that each class has the same sum (King
    and Zeng 2001). A class without members is never asked for; its weight is 0.
    """
    if job.recipe.train.class_weights == "none":
        return None
    classes = len(job.task.classes)
    count = np.bincount(job.roles.label[job.members], minlength=classes)
    weight = np.where(count > 0, len(job.members) / (classes * np.maximum(count, 1)), 0.0)
    return torch.from_numpy(weight.astype(np.float32)).to(device)
