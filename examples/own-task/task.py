"""A task of your own: tumour measurements from scikit-learn, and a small network for them.

Replace `load_breast_cancer` by whatever reads your data. The file runs by itself: it can import
what is installed, not the files beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.datasets import load_breast_cancer

if TYPE_CHECKING:
    from torch import nn


@dataclass
class Tumours:
    """`x` [N, 30] as it was measured, `y` [N] the class of each record."""

    x: np.ndarray
    y: np.ndarray
    classes: tuple[str, ...] = ("malignant", "benign")

    def preprocess(self, x: np.ndarray) -> np.ndarray:
        # The same for every record, whoever else is in the data: no mean or scale taken from it.
        return np.log1p(x).astype(np.float32)

    def network(self) -> nn.Module:
        # Imported here, so that `scdeploy audit` needs no torch.
        from torch import nn

        return nn.Sequential(
            nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)
        )


def task() -> Tumours:
    data = load_breast_cancer()
    return Tumours(data.data, data.target)
