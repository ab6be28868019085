"""The confidence attack: a sample that is answered surely, rightly or not, was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.signal_attack import SignalAttack

if TYPE_CHECKING:
    from sc_deploy.contracts import Predictions
    from sc_deploy.contracts.arrays import Float64


def _signal(predictions: Predictions) -> Float64:
    """max p (Salem et al., 1806.01246, attack 3) as its log-odds, which do not tie near 1."""
    return np.asarray(signals.margins(predictions.logits).max(axis=1))


CONFIDENCE: Final = SignalAttack("confidence", _signal)
