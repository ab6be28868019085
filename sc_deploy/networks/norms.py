"""Group norms in place of batch norms, where samples of a batch must not be mixed."""

from __future__ import annotations

import math
from typing import Final

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

MOST_GROUPS: Final = 32
LEAST_CHANNELS: Final = 4


def group_normed(module: nn.Module) -> nn.Module:
    """The same network with each batch norm replaced by a group norm of as many parameters.

    32 groups (Wu and He 2018, section 4.1), fewer where a group would have less than four
    channels: normalised alone, a channel of one pixel says nothing. Group norms have no running
    statistics: a sample is answered in training as it is later. Replaces layers in place, draws
    nothing, and returns `module`, or its replacement if it is a norm itself.
    """
    if isinstance(module, _BatchNorm):
        return _grouped(module)
    for name, child in module.named_children():
        setattr(module, name, group_normed(child))
    return module


def _grouped(norm: _BatchNorm) -> nn.GroupNorm:
    channels = norm.num_features
    # A gcd with zero is the other number: of two channels each would be alone.
    groups = math.gcd(channels, max(channels // LEAST_CHANNELS, 1), MOST_GROUPS)
    return nn.GroupNorm(groups, channels, eps=norm.eps, affine=norm.affine)
