"""The entropy attack: a sample whose answer leaves little doubt was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.signal_attack import SignalAttack

if TYPE_CHECKING:
    from sc_deploy.contracts import Predictions
    from sc_deploy.contracts.arrays import Float64


def _signal(predictions: Predictions) -> Float64:
    """-log of the entropy (Shokri et al., 1610.05820; Song & Mittal, 2003.10595, section 3.3)."""
    return -signals.log_entropy(predictions.logits)


ENTROPY: Final = SignalAttack("entropy", _signal)
