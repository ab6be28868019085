"""Any classifier of torchvision, untrained, for the images of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from torch import nn

from sc_deploy.errors import UsageError
from sc_deploy.networks.fitting import image
from sc_deploy.networks.options import TORCHVISION

if TYPE_CHECKING:
    from sc_deploy.contracts import NetworkSpec

# Of these, training answers with a second head that no trainer here knows.
TWO_HEADED: Final = ("googlenet", "inception_v3")


def build(spec: NetworkSpec) -> nn.Module:
    """The classifier `torchvision/<name>` for images of any number of channels.

    float32 [N, channels, height, width] to logits float32 [N, classes]. Where there are not three
    channels, the first convolution is another one, freshly drawn. Raises UsageError for a name
    that is no classifier, and for images that the classifier cannot be built for.
    """
    from torchvision import models

    channels, _, _ = image(spec)
    name, known = spec.name.removeprefix(TORCHVISION), models.list_models(module=models)
    if name not in known:
        raise UsageError(
            f"torchvision has no classifier {name!r}",
            remedy=f"choose from {', '.join(TORCHVISION + each for each in known)}",
        )
    try:
        module: nn.Module = models.get_model(
            name, weights=None, num_classes=spec.classes, **_arguments(name, spec)
        )
    except ValueError as error:
        raise UsageError(
            f"{spec.name} cannot be built for images {list(spec.input_shape)}: {error}",
            remedy="choose another network, or let preprocessing give the size that it needs",
        ) from error
    _accept(module, channels)
    return module


def _arguments(name: str, spec: NetworkSpec) -> dict[str, bool | int | tuple[int, int]]:
    _, height, width = image(spec)
    if name in TWO_HEADED:
        return {"aux_logits": False, "init_weights": True}
    if name.startswith("maxvit"):
        return {"input_size": (height, width)}
    if not name.startswith("vit_"):
        return {}
    if height != width:
        raise ValueError("it takes square images only")
    return {"image_size": height}


def _accept(module: nn.Module, channels: int) -> None:
    """Let the first convolution read so many channels."""
    path, first = next((p, m) for p, m in module.named_modules() if isinstance(m, nn.Conv2d))
    if first.in_channels == channels:
        return
    parent, _, leaf = path.rpartition(".")
    stem = nn.Conv2d(
        channels,
        first.out_channels,
        (first.kernel_size[0], first.kernel_size[1]),
        stride=(first.stride[0], first.stride[1]),
        padding=first.padding
        if isinstance(first.padding, str)
        else (first.padding[0], first.padding[1]),
        bias=first.bias is not None,
    )
    setattr(module.get_submodule(parent), leaf, stem)
