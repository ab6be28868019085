"""Which simulated attack do candidates face, and what may it see?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Role
from sc_deploy.privacy.attacks.class_wise import cross_fitted_accuracy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Predictions, Rate

MAY_READ: Final = frozenset({Role.MEMBER_SEARCH, Role.NON_MEMBER_SEARCH})
"""All that a safety test may see; calibration and audit samples judge the chosen model later."""


@dataclass(frozen=True, slots=True)
class ClassWiseThreshold:
    """Calibrated thresholds per class on the model's confidence, cross-fitted in two folds.

    It takes milliseconds on cached logits. The neural attack that the paper trains in each round
    (Nasr et al. 2018) would cost more than the training it steers, and it is the weaker attack
    where classes are many; it runs in the audit.
    """

    name: str = "class-wise-threshold"
    reads: frozenset[Role] = MAY_READ

    def attack_accuracy(self, predictions: Mapping[Role, Predictions], *, seed: int) -> Rate:
        """Balanced accuracy on samples that the thresholds were not fitted on."""
        return cross_fitted_accuracy(
            predictions[Role.MEMBER_SEARCH], predictions[Role.NON_MEMBER_SEARCH], seed=seed
        )


CLASS_WISE_THRESHOLD: Final = ClassWiseThreshold()
