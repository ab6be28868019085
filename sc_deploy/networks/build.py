"""Which network a name stands for, freshly initialised from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import torch

from sc_deploy.contracts import NetworkSpec, TextTask
from sc_deploy.errors import UsageError
from sc_deploy.networks import custom, hub, options, torchvision_models, transformers_model
from sc_deploy.networks.alexnet import SMALLEST as ALEXNET_SMALLEST
from sc_deploy.networks.alexnet import AlexNet
from sc_deploy.networks.fitting import image, numbers, text
from sc_deploy.networks.mlp import Mlp
from sc_deploy.networks.norms import group_normed
from sc_deploy.networks.options import MlpOptions, TransformerOptions
from sc_deploy.networks.resnet import ResNet20
from sc_deploy.networks.resnet18 import resnet_18
from sc_deploy.networks.small_cnn import SmallCnn
from sc_deploy.networks.transformer import Transformer
from sc_deploy.networks.vgg import SMALLEST as VGG_SMALLEST
from sc_deploy.networks.vgg import Vgg16

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from sc_deploy.contracts import Task
    from sc_deploy.recipe import NetworkSection


def _small_cnn(spec: NetworkSpec) -> nn.Module:
    return SmallCnn(image(spec), spec.classes, width=int(dict(spec.options).get("width", 1)))


def _wide_cnn(spec: NetworkSpec) -> nn.Module:
    return SmallCnn(image(spec), spec.classes, width=4)


def _resnet_20(spec: NetworkSpec) -> nn.Module:
    return ResNet20(image(spec)[0], spec.classes)


def _resnet_18(spec: NetworkSpec) -> nn.Module:
    return resnet_18(image(spec)[0], spec.classes)


def _vgg_16_bn(spec: NetworkSpec) -> nn.Module:
    return Vgg16(image(spec, least=VGG_SMALLEST)[0], spec.classes)


def _alexnet(spec: NetworkSpec) -> nn.Module:
    shape = image(spec, least=ALEXNET_SMALLEST)
    return AlexNet(shape, spec.classes, dropout=float(dict(spec.options).get("dropout", 0.5)))


def _mlp(spec: NetworkSpec) -> nn.Module:
    settings = MlpOptions.model_validate(dict(spec.options))
    return Mlp(numbers(spec), spec.classes, width=settings.width, layers=settings.layers)


def _transformer(spec: NetworkSpec) -> nn.Module:
    settings = TransformerOptions.model_validate(dict(spec.options))
    return Transformer(text(spec), spec.classes, settings)


NETWORKS: Final[dict[str, Callable[[NetworkSpec], nn.Module]]] = {
    "small-cnn": _small_cnn,
    "wide-cnn": _wide_cnn,
    "resnet-20": _resnet_20,
    "resnet-18": _resnet_18,
    "vgg-16-bn": _vgg_16_bn,
    "alexnet": _alexnet,
    "mlp": _mlp,
    "transformer": _transformer,
    transformers_model.NAME: transformers_model.build,
}


def names() -> tuple[str, ...]:
    """Names that `build` knows; `custom` is the network that a trusted task brings."""
    return (*NETWORKS, f"{options.TORCHVISION}<name>", custom.NAME)


def spec_of(task: Task, section: NetworkSection) -> NetworkSpec:
    """What the network must be to fit the task: shape and dtype of a sample, classes, options.

    Raises UsageError listing what is wrong with the options.
    """
    sample = task.preprocess(np.asarray(task.x[:1]))
    dtype: Literal["int64", "float32"] = "int64" if sample.dtype == np.int64 else "float32"
    classes, known = len(task.classes), _tokens(task)
    if section.name == transformers_model.NAME:
        folder = hub.locate(section)
        read = known if dtype == "float32" else {**known, "length": sample.shape[1]}
        chosen = transformers_model.options(section, folder, classes=classes, known=read)
    else:
        if section.name == "transformer":
            # Before its options: of what is no text, no vocabulary is missing.
            text(NetworkSpec(section.name, tuple(sample.shape[1:]), classes, dtype))
        chosen = options.resolved(section.name, section.options, known)
    return NetworkSpec(section.name, tuple(sample.shape[1:]), classes, dtype, chosen)


def build(spec: NetworkSpec, *, seed: int, task: Task | None = None) -> nn.Module:
    """A new network in training mode on the CPU, a function of `spec` and `seed` alone.

    It maps [N, *spec.input_shape] of `spec.input_dtype` to logits float32 [N, spec.classes].
    torch's global generator is left as it was. `task` is asked for its `network()` where the name
    is `custom`. Raises UsageError if the name is unknown or the network does not fit the data.
    """
    with torch.random.fork_rng(devices=[]):
        _sow(seed)
        if spec.name == custom.NAME:
            return custom.build(spec, task, lambda: _sow(seed), elsewhere=lambda: _sow(seed + 1))
        module = _named(spec)
        return group_normed(module) if dict(spec.options).get("norm") == "group" else module


def _named(spec: NetworkSpec) -> nn.Module:
    if spec.name.startswith(options.TORCHVISION):
        return torchvision_models.build(spec)
    if spec.name not in NETWORKS:
        raise UsageError(
            f"no network is called {spec.name!r}", remedy=f"choose from {', '.join(names())}"
        )
    return NETWORKS[spec.name](spec)


def pretrained(spec: NetworkSpec, section: NetworkSection, *, seed: int) -> nn.Module:
    """The network of `spec` with the weights of `section.pretrained`, as `build` otherwise."""
    with torch.random.fork_rng(devices=[]):
        _sow(seed)
        return transformers_model.load(spec, hub.locate(section))


def _sow(seed: int) -> None:
    # Not torch.manual_seed: that would also reseed every GPU.
    torch.default_generator.manual_seed(seed)


def _tokens(task: Task) -> dict[str, int | float | str]:
    """What a task of texts says of its tokens, under the names of the networks' options."""
    if not isinstance(task, TextTask):
        return {}
    return {"vocabulary": task.tokens.size, "padding": task.tokens.pad}
