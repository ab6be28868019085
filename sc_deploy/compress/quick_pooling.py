"""How is max pooling computed fast on a CPU, where nobody asks for gradients?"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial, reduce
from typing import TYPE_CHECKING, cast

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def quick_pooling(module: nn.Module) -> Iterator[None]:
    """Inside, the module's max pooling in windows side by side gives equal values sooner.

    torch's own also notes where each maximum was found, for a gradient, and takes about half of
    a small network's whole forward pass for it. A maximum is the same number in whatever order
    it is taken. Nothing changes on other devices, nor where windows overlap or are padded.
    """
    weight = next(module.parameters(), None)
    on_cpu = weight is not None and weight.device.type == "cpu"
    pools = [layer for layer in module.modules() if on_cpu and _side_by_side(layer)]
    for layer in pools:
        # On the instance, so that torch's hooks and calls go on as they did.
        vars(layer)["forward"] = partial(pooled, window=cast("int", vars(layer)["kernel_size"]))
    try:
        yield
    finally:
        for layer in pools:
            vars(layer).pop("forward")


def pooled(x: torch.Tensor, *, window: int) -> torch.Tensor:
    """Maxima of `window` x `window` values, [..., height // window, width // window].

    The rows and columns that fill no window are left out, as torch does.
    """
    height, width = (size // window * window for size in x.shape[-2:])
    rows = reduce(torch.maximum, (x[..., at:height:window, :] for at in range(window)))
    return reduce(torch.maximum, (rows[..., at:width:window] for at in range(window)))


def _side_by_side(layer: nn.Module) -> bool:
    """Whether it is torch's own layer, with square windows that neither overlap nor are padded."""
    if type(layer) is not nn.MaxPool2d or "forward" in vars(layer):
        return False
    usual = (layer.padding, layer.dilation, layer.ceil_mode, layer.return_indices)
    window = layer.kernel_size
    return isinstance(window, int) and layer.stride == window and usual == (0, 1, False, False)
