"""The neural attack as MIA-SafeCompress itself runs it, scored on samples it never saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.privacy.attacks import paper_neural

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Channel, Guesses, Predictions
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.attacks.branched_mlp import BranchedMlp

EVEN_ODDS: Final = 0.0
CHUNK: Final = 1024
FAULT: Final = (
    "as the public code of MIA-SafeCompress reports it: the best of 100 epochs on the very "
    "samples that the accuracy is taken on, so it lies above one half even where nothing leaks"
)


@dataclass(frozen=True, slots=True)
class NeuralPaperAttack:
    """`paper_neural`, learned and chosen on calibration samples alone.

    Calibration plays the whole protocol of the paper: one half of each side to learn from, the
    other to choose the epoch on and to report. What it reports is kept as `published` and is no
    evidence. The chosen network is then frozen, and scores audit samples that neither half
    holds: AUC, TPR and accuracy there are honest, and these alone gate.
    """

    name: str = "neural-paper"
    chance: bool = True
    needs: frozenset[Channel] = frozenset()

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedNeuralPaper:
        answers = calibration.members, calibration.non_members
        attacker = paper_neural.fit(lambda: answers, seed=seed)
        return FittedNeuralPaper(attacker.network.widened(), attacker.guesses(answers))


@dataclass(frozen=True, slots=True, eq=False)
class FittedNeuralPaper:
    """`published` are its guesses on the halves of calibration on which its epoch was chosen."""

    network: BranchedMlp
    published: Guesses
    threshold: float = EVEN_ODDS

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        return self._scores(audit.members), self._scores(audit.non_members)

    def _scores(self, predictions: Predictions) -> Float64:
        """Log-odds of membership; where the paper's ReLUs died, of one value a class."""
        parts = np.array_split(
            np.arange(len(predictions.labels)), 1 + len(predictions.labels) // CHUNK
        )
        scored = [self.network.log_odds(*paper_neural.coded(predictions, p)) for p in parts]
        return np.concatenate(scored).astype(np.float64)
