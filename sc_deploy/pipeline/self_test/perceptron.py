"""A small network that really is trained here, with its logits before softmax."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.contracts import TensorStat

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32, Int64

WIDTH: Final = 128


@dataclass(frozen=True, slots=True, eq=False)
class Perceptron:
    """One hidden layer with ReLU: weights float32 [D, H] and [H, C], biases [H] and [C]."""

    weights: tuple[Float32, Float32]
    biases: tuple[Float32, Float32]

    def logits(self, x: Float32) -> Float32:
        """float32 [N, C] for samples float32 [N, D]."""
        hidden = np.maximum(0.0, x @ self.weights[0] + self.biases[0])
        return np.asarray(hidden @ self.weights[1] + self.biases[1], dtype=np.float32)

    def halved(self) -> Perceptron:
        """The same with weights rounded to float16, as a conversion does."""
        first, second = (w.astype(np.float16).astype(np.float32) for w in self.weights)
        return Perceptron((first, second), self.biases)

    def tensors(self) -> tuple[TensorStat, ...]:
        return tuple(
            TensorStat(name, tuple(w.shape), int(np.count_nonzero(w)), w.size)
            for name, w in zip(("hidden.weight", "output.weight"), self.weights, strict=True)
        )


def train(x: Float32, y: Int64, *, passes: int, seed: int) -> Perceptron:
    """Fit it to samples float32 [N, D] with labels int64 [N], every class among them."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    made = MLPClassifier(
        (WIDTH,),
        batch_size=32,
        learning_rate_init=5e-3,
        max_iter=passes,
        n_iter_no_change=passes,
        tol=0.0,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # It is stopped after so many passes on purpose.
        warnings.simplefilter("ignore", ConvergenceWarning)
        made.fit(x, y)
    hidden, output = (w.astype(np.float32) for w in made.coefs_)
    first, second = (b.astype(np.float32) for b in made.intercepts_)
    return Perceptron((hidden, output), (first, second))
