"""Which network a name stands for, freshly initialised from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import nn

from sc_deploy.contracts import NetworkSpec
from sc_deploy.errors import UsageError
from sc_deploy.networks.resnet import ResNet20
from sc_deploy.networks.small_cnn import SmallCnn

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.contracts import Task

CUSTOM: Final = "custom"


def _small_cnn(spec: NetworkSpec) -> nn.Module:
    return SmallCnn(_image(spec), spec.classes)


def _wide_cnn(spec: NetworkSpec) -> nn.Module:
    return SmallCnn(_image(spec), spec.classes, width=4)


def _resnet_20(spec: NetworkSpec) -> nn.Module:
    return ResNet20(_image(spec)[0], spec.classes)


NETWORKS: Final[dict[str, Callable[[NetworkSpec], nn.Module]]] = {
    "small-cnn": _small_cnn,
    "wide-cnn": _wide_cnn,
    "resnet-20": _resnet_20,
}


def names() -> tuple[str, ...]:
    """Names that `build` knows; `custom` is the network that a trusted task brings."""
    return (*NETWORKS, CUSTOM)


def spec_of(task: Task, name: str) -> NetworkSpec:
    """What network `name` must be to fit the task: shape of a preprocessed sample, classes."""
    sample = task.preprocess(np.asarray(task.x[:1]))
    return NetworkSpec(name, tuple(sample.shape[1:]), len(task.classes))


def build(spec: NetworkSpec, *, seed: int, task: Task | None = None) -> nn.Module:
    """A new network in training mode on the CPU, a function of `spec` and `seed` alone.

    It maps float32 [N, *spec.input_shape] to logits float32 [N, spec.classes]. torch's global
    generator is left as it was. `task` is asked for its `network()` where the name is `custom`.
    Raises UsageError if the name is unknown or the network does not fit the data.
    """
    if spec.name not in names():
        raise UsageError(
            f"no network is called {spec.name!r}", remedy=f"choose from {', '.join(names())}"
        )
    with torch.random.fork_rng(devices=[]):
        if spec.name == CUSTOM:
            return _custom(spec, task, seed)
        _sow(seed)
        return NETWORKS[spec.name](spec)


def _sow(seed: int) -> None:
    # Not torch.manual_seed: that would also reseed every GPU.
    torch.default_generator.manual_seed(seed)


def _image(spec: NetworkSpec) -> tuple[int, int, int]:
    if len(spec.input_shape) != 3 or min(spec.input_shape[1:]) < 4:
        raise UsageError(
            f"network {spec.name!r} needs images [channels, height >= 4, width >= 4], "
            f"the task gives {list(spec.input_shape)}",
            remedy="let the task's preprocessing give such images, or bring a `custom` network",
        )
    channels, height, width = spec.input_shape
    return channels, height, width


def _custom(spec: NetworkSpec, task: Task | None, seed: int) -> nn.Module:
    """The network of a trusted task, made twice to see that it is new each time."""
    factory = getattr(task, "network", None)
    if not callable(factory):
        raise UsageError(
            "network `custom` needs a task that brings one",
            remedy="give --trust-code file.py:function whose task has a `network()` method",
        )
    module, again = (_fitting(_called(factory, seed), spec) for _ in range(2))
    if {id(weight) for weight in module.parameters()} & {id(w) for w in again.parameters()}:
        raise UsageError(
            "the task's network() gives the same weights again, trained or not",
            remedy="build a new module at each call",
        )
    if not _equal(module, again):
        raise UsageError(
            "the task's network() gives other weights at each call, and torch's seed is the same",
            remedy="draw first weights from torch's own generator only, so that runs repeat",
        )
    return again


def _called(factory: Callable[[], object], seed: int) -> nn.Module:
    _sow(seed)
    try:
        module = factory()
    except Exception as error:
        raise UsageError(
            f"the task's network() failed: {type(error).__name__}: {error}",
            remedy="correct that function; it is called without arguments",
        ) from error
    if not isinstance(module, nn.Module):
        raise UsageError(
            f"the task's network() gave {type(module).__name__}, expected a torch.nn.Module",
            remedy="return an untrained module that maps samples to logits",
        )
    return module


def _equal(one: nn.Module, other: nn.Module) -> bool:
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(
        torch.equal(value, theirs[name]) for name, value in mine.items()
    )


def _fitting(module: nn.Module, spec: NetworkSpec) -> nn.Module:
    try:
        with torch.no_grad():
            answer = module.cpu().eval()(torch.zeros(2, *spec.input_shape))
    except Exception as error:
        raise UsageError(
            f"the task's network does not take samples of shape {list(spec.input_shape)}: "
            f"{type(error).__name__}: {error}",
            remedy="let its forward() take what preprocess() gives",
        ) from error
    if not isinstance(answer, torch.Tensor) or answer.shape != (2, spec.classes):
        found = list(answer.shape) if isinstance(answer, torch.Tensor) else type(answer).__name__
        raise UsageError(
            f"the task's network answers two samples with {found}, "
            f"expected logits [2, {spec.classes}]",
            remedy="let its forward() map float32 [N, ...] to one logit a class, as a tensor",
        )
    return module.train()
