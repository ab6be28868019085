"""The loss threshold attack: a sample with a small loss was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.signal_attack import SignalAttack

if TYPE_CHECKING:
    from sc_deploy.contracts import Predictions
    from sc_deploy.contracts.arrays import Float64


def signal(predictions: Predictions) -> Float64:
    """Yeom et al. (1709.01604), with the logit margin in place of the loss.

    The margin is a strictly decreasing map of the loss, so every ROC figure is the same, and it
    does not collapse into ties at zero loss.
    """
    return signals.margin(predictions.logits, predictions.labels)


LOSS: Final = SignalAttack("loss", signal)
