"""The attack network: one branch reads the answer, one the label, and a third joins them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float32

    # float32 while it learns, float64 when it scores.
    Floats: TypeAlias = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Design:
    """Widths of the layers of each branch, the slope below zero, and how weights begin.

    First weights come from N(0, `deviation`²), or with None from N(0, 2 / inputs) (He et al.,
    1502.01852). The defaults but one are those of MIA-SafeCompress. The papers have slope 0: with
    such small weights a whole branch then dies now and again, and all samples of a class get one
    and the same score, as if the audited file's outputs were tied.
    """

    answer: tuple[int, ...] = (1024, 512, 64)
    label: tuple[int, ...] = (512, 64)
    fusion: tuple[int, ...] = (256, 64)
    slope: float = 0.01
    deviation: float | None = 0.01

    def shapes(self, classes: int) -> list[tuple[int, int]]:
        """Inputs and outputs of every layer, in the order of the flat vector."""
        branches = (
            (classes, *self.answer),
            (classes, *self.label),
            (self.answer[-1] + self.label[-1], *self.fusion, 1),
        )
        return [pair for widths in branches for pair in pairwise(widths)]


AUDITOR: Final = Design()


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """`weight` float32 [inputs, outputs] and `bias` float32 [outputs]: views of a flat vector."""

    weight: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        return x @ self.weight + self.bias

    def widened(self) -> Layer:
        return Layer(self.weight.astype(np.float64), self.bias.astype(np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class BranchedMlp:
    """The network of Nasr et al. (1807.05852) as MIA-SafeCompress uses it.

    By default answer C-1024-512-64, label as -1/+1 one-hot C-512-64, joined 128-256-64-1; a leaky
    ReLU after every layer but the last, whose output is the log-odds of membership. All parameters
    are views of one flat vector [P], and the same class over another vector holds a gradient.
    """

    answer: tuple[Layer, ...]
    label: tuple[Layer, ...]
    fusion: tuple[Layer, ...]
    head: Layer
    slope: np.float32

    @classmethod
    def of(cls, flat: Floats, classes: int, design: Design = AUDITOR) -> BranchedMlp:
        """The network whose parameters lie in `flat`, laid out as in `initial_parameters`."""
        layers = iter(_views(flat, design.shapes(classes)))
        take = [
            tuple(next(layers) for _ in branch)
            for branch in (design.answer, design.label, design.fusion)
        ]
        return cls(take[0], take[1], take[2], next(layers), np.float32(design.slope))

    def widened(self) -> BranchedMlp:
        """The same network in float64, whose scores no rounding ties."""
        branches = (self.answer, self.label, self.fusion)
        answer, label, fusion = (tuple(map(Layer.widened, branch)) for branch in branches)
        return BranchedMlp(answer, label, fusion, self.head.widened(), self.slope)

    def log_odds(self, answers: Floats, one_hot: Floats) -> Floats:
        """float32 [N] from answers and -1/+1 labels, both float32 [N, C]."""
        return self._forward(answers, one_hot).log_odds

    def descend(
        self, answers: Floats, one_hot: Floats, target: Floats, gradient: BranchedMlp
    ) -> None:
        """Write the gradient of the mean binary cross-entropy against `target` into `gradient`."""
        passed = self._forward(answers, one_hot)
        error = (_sigmoid(passed.log_odds) - target)[:, None] / np.float32(len(target))
        np.matmul(passed.fusion[-1].T, error, out=gradient.head.weight)
        error.sum(axis=0, out=gradient.head.bias)
        joined = (
            self._descend(self.fusion, passed.fusion, error @ self.head.weight.T, gradient.fusion)
            @ self.fusion[0].weight.T
        )
        split = len(self.answer[-1].bias)
        self._descend(self.answer, passed.answer, joined[:, :split], gradient.answer)
        self._descend(self.label, passed.label, joined[:, split:], gradient.label)

    def _forward(self, answers: Floats, one_hot: Floats) -> _Passed:
        first = self._activations(self.answer, answers)
        second = self._activations(self.label, one_hot)
        joined = self._activations(self.fusion, np.concatenate([first[-1], second[-1]], axis=1))
        return _Passed(first, second, joined, self.head(joined[-1])[:, 0])

    def _activations(self, branch: tuple[Layer, ...], x: Floats) -> tuple[Floats, ...]:
        passed = [x]
        for layer in branch:
            out = layer(passed[-1])
            passed.append(np.maximum(out, self.slope * out, out=out))
        return tuple(passed)

    def _descend(
        self,
        branch: tuple[Layer, ...],
        passed: tuple[Floats, ...],
        error: Floats,
        gradient: tuple[Layer, ...],
    ) -> Floats:
        """Gradients of a branch from the error at its output; the error before its first layer."""
        for number in reversed(range(len(branch))):
            error = np.where(passed[number + 1] > 0, error, self.slope * error)
            np.matmul(passed[number].T, error, out=gradient[number].weight)
            error.sum(axis=0, out=gradient[number].bias)
            if number:
                error = error @ branch[number].weight.T
        return error


@dataclass(frozen=True, slots=True, eq=False)
class _Passed:
    """Activations of each branch, its input first, and the answer."""

    answer: tuple[Floats, ...]
    label: tuple[Floats, ...]
    fusion: tuple[Floats, ...]
    log_odds: Floats


def initial_parameters(classes: int, rng: np.random.Generator, design: Design = AUDITOR) -> Float32:
    """Random weights, biases zero, float32 [P]."""
    shapes = design.shapes(classes)
    flat = np.zeros(sum(rows * columns + columns for rows, columns in shapes), dtype=np.float32)
    for layer in _views(flat, shapes):
        drawn = rng.standard_normal(layer.weight.shape, dtype=np.float32)
        deviation = design.deviation or np.sqrt(2.0 / len(layer.weight))
        np.multiply(drawn, np.float32(deviation), out=layer.weight)
    return flat


def _views(flat: Floats, shapes: Sequence[tuple[int, int]]) -> list[Layer]:
    layers, start = [], 0
    for rows, columns in shapes:
        middle, end = start + rows * columns, start + rows * columns + columns
        layers.append(Layer(flat[start:middle].reshape(rows, columns), flat[middle:end]))
        start = end
    return layers


def _sigmoid(x: Floats) -> Floats:
    result: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return result
