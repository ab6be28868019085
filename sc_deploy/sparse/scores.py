"""How much does a weight matter? Larger is more worth having."""

from __future__ import annotations

import torch


def magnitude(weight: torch.Tensor) -> torch.Tensor:
    """|w|: small weights change the answers least (Mocanu et al. 2018, SET)."""
    return weight.detach().abs()


def gradient(gradient: torch.Tensor) -> torch.Tensor:
    """|dL/dw| of the dense gradient: where growth lowers the loss fastest (RigL, section 3)."""
    return gradient.detach().abs()


def random(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Uniform noise (SET). Drawn on the generator's device, so that every device grows alike."""
    noise = torch.rand(like.shape, generator=generator, device=generator.device)
    return noise.to(like.device)
