"""The small convolutional network of the examples, in any width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    import torch


class SmallCnn(nn.Module):
    """conv 16 - conv 32 - fc 128 - fc `classes`, batch-normed, each conv halving the image.

    float32 [N, channels, height, width] to logits float32 [N, classes]; height and width at
    least 4. About 207,000 parameters at 1 x 28 x 28 and `width` 1, which multiplies all layers.
    """

    def __init__(self, input_shape: tuple[int, int, int], classes: int, *, width: int = 1) -> None:
        super().__init__()
        channels, height, columns = input_shape
        self.features = nn.Sequential(
            *_halving(channels, 16 * width),
            *_halving(16 * width, 32 * width),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(32 * width * (height // 4) * (columns // 4), 128 * width),
            nn.ReLU(),
            nn.Linear(128 * width, classes),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.features(x))
        return logits


def _halving(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    # The batch norm brings the bias.
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)
