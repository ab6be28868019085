"""The network of a trusted task, made twice to see that it is new each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import nn

from sc_deploy.errors import Problem, UsageError
from sc_deploy.networks import binary, unseeded
from sc_deploy.networks.binary import TwoLogits
from sc_deploy.networks.fitting import zeros

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.contracts import NetworkSpec, Task

NAME: Final = "custom"


def build(
    spec: NetworkSpec, task: Task | None, sow: Callable[[], None], *, elsewhere: Callable[[], None]
) -> nn.Module:
    """What `task.network()` gives, in training mode; `sow` seeds torch before each call.

    For two classes a single logit will do. Raises UsageError unless the module fits the data, is
    built anew at each call, and all that it holds follows from the seed: `elsewhere` sows another,
    and what does not change with it was brought, by nobody knows whom.
    """
    factory = getattr(task, "network", None)
    if not callable(factory):
        raise UsageError(
            "network `custom` needs a task that brings one",
            remedy="give --trust-code file.py:function whose task has a `network()` method",
        )
    module, again = (_fitting(_called(factory, sow), spec) for _ in range(2))
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
    other = _fitting(_called(factory, elsewhere), spec)
    if brought := unseeded.names(*map(binary.own, (again, other))):
        raise _trained_elsewhere(brought)
    return again


def _trained_elsewhere(brought: list[str]) -> UsageError:
    return UsageError(
        "the task's network() comes with values that do not follow from torch's seed, so they "
        "were trained or chosen elsewhere, perhaps on samples that pose as non-members",
        remedy="give trained weights by network.weights in the recipe, and what they have seen by "
        "roles.declared_members; compute fixed tables in forward(); do not seed torch in network()",
        problems=tuple(
            Problem(
                f"network(): {name}",
                "is the same under every seed, or has statistics of samples",
                "leave it as torch makes it, and bring its values by network.weights",
            )
            for name in brought
        ),
    )


def _called(factory: Callable[[], object], sow: Callable[[], None]) -> nn.Module:
    sow()
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
            answer = module.cpu().eval()(zeros(spec))
    except Exception as error:
        raise UsageError(
            f"the task's network does not take samples of shape {list(spec.input_shape)}: "
            f"{type(error).__name__}: {error}",
            remedy="let its forward() take what preprocess() gives",
        ) from error
    shape = answer.shape if isinstance(answer, torch.Tensor) else None
    if spec.classes == 2 and shape in ((2,), (2, 1)):
        return TwoLogits(module).train()
    if shape != (2, spec.classes):
        found = type(answer).__name__ if shape is None else list(shape)
        raise UsageError(
            f"the task's network answers two samples with {found}, "
            f"expected logits [2, {spec.classes}]",
            remedy="let its forward() map samples [N, ...] to one logit a class, as a tensor; "
            "for two classes, the second one's alone will do",
        )
    return module.train()
