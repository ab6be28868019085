"""What does a network answer on the samples of a role?"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

from sc_deploy.compress.last_layer import last_layer
from sc_deploy.compress.quick_pooling import quick_pooling
from sc_deploy.contracts import Predictions
from sc_deploy.errors import CompressionError
from sc_deploy.tasks import batches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import nn

    from sc_deploy.contracts import Role, Roles, Task
    from sc_deploy.contracts.arrays import Float32, Int64, NetworkInput

BATCH = 64  # on a CPU, feature maps of larger batches fall out of the cache


def predict(module: nn.Module, task: Task, roles: Roles, role: Role) -> Predictions:
    """Logits in eval mode, in float32, streamed: only logits stay in memory.

    The module is left in eval mode. Raises CompressionError if a logit is not finite.
    """
    rows = roles.rows(role)
    found = _joined(_logits(module, task, roles.index[rows]), len(task.classes))
    return Predictions(found, roles.label[rows], roles.sample_id[rows])


def predict_with_features(
    module: nn.Module, task: Task, roles: Roles, role: Role
) -> tuple[Predictions, Float32]:
    """`predict`, and the inputs float32 [N, D] of the last linear layer in the same pass.

    `checks` has made sure that the network ends in one.
    """
    layer = last_layer(module)
    assert layer is not None
    with _inputs(layer) as features:
        answers = predict(module, task, roles, role)
    return answers, _joined(features, layer.in_features)


@torch.inference_mode()
def likeliest(module: nn.Module, inputs: NetworkInput) -> Int64:
    """The class with the largest logit for inputs [n, ...], int64 [n], in eval mode."""
    module.eval()
    device = next(module.parameters()).device
    starts = range(0, max(1, len(inputs)), BATCH)
    found = [
        module(torch.from_numpy(inputs[start : start + BATCH]).to(device)).argmax(dim=1).cpu()
        for start in starts
    ]
    return torch.cat(found).numpy().astype(np.int64)


@torch.inference_mode()
def _logits(module: nn.Module, task: Task, index: Int64) -> list[Float32]:
    module.eval()
    device = next(module.parameters()).device
    with quick_pooling(module):
        return [
            module(torch.from_numpy(x).to(device)).float().cpu().numpy()
            for x in batches.stream(task, index, BATCH)
        ]


@contextmanager
def _inputs(layer: nn.Linear) -> Iterator[list[Float32]]:
    """A list that fills with the layer's inputs, batch by batch, while the network answers."""
    seen: list[Float32] = []

    # A hook before the layer: neither the network's code nor its answers change.
    def remember(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        seen.append(inputs[0].float().cpu().numpy())

    hook = layer.register_forward_pre_hook(remember)
    try:
        yield seen
    finally:
        hook.remove()


def _joined(parts: list[Float32], width: int) -> Float32:
    """The batches as one, float32 [N, width]; also of none."""
    found: NDArray[np.float32] = np.concatenate([np.empty((0, width), np.float32), *parts])
    if not np.isfinite(found).all():
        raise CompressionError(
            "the network answers with values that are not finite",
            remedy="lower train.learning_rate; if the network is your own, look for divisions",
        )
    return found
