"""The modified-entropy attack, each score placed among the non-members of its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.privacy import signals
from sc_deploy.privacy.attacks.class_attack import ClassAttack

if TYPE_CHECKING:
    from sc_deploy.contracts import Predictions
    from sc_deploy.contracts.arrays import Float64


def signal(predictions: Predictions) -> Float64:
    """-log of the modified entropy (Song & Mittal, 2003.10595, eq. 8).

    It has the order of the negative, and a tail that can be extended.
    """
    return -signals.log_modified_entropy(predictions.logits, predictions.labels)


MODIFIED_ENTROPY: Final = ClassAttack("modified-entropy", signal)
