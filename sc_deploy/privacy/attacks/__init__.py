"""Membership-inference attacks, one a file; a policy names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.errors import UsageError
from sc_deploy.privacy.attacks.base import BASE
from sc_deploy.privacy.attacks.boundary import BoundaryAttack
from sc_deploy.privacy.attacks.confidence import CONFIDENCE
from sc_deploy.privacy.attacks.entropy import ENTROPY
from sc_deploy.privacy.attacks.gap import GapAttack
from sc_deploy.privacy.attacks.label_only import LabelOnlyAttack
from sc_deploy.privacy.attacks.lira_fixed import LIRA_FIXED
from sc_deploy.privacy.attacks.lira_offline import LIRA_OFFLINE
from sc_deploy.privacy.attacks.lira_online import LIRA_ONLINE
from sc_deploy.privacy.attacks.loss import LOSS
from sc_deploy.privacy.attacks.loss_per_class import LOSS_PER_CLASS
from sc_deploy.privacy.attacks.modified_entropy import MODIFIED_ENTROPY
from sc_deploy.privacy.attacks.modified_entropy_global import MODIFIED_ENTROPY_GLOBAL
from sc_deploy.privacy.attacks.neural import NeuralAttack
from sc_deploy.privacy.attacks.neural_paper import NeuralPaperAttack
from sc_deploy.privacy.attacks.quantile import QuantileAttack
from sc_deploy.privacy.attacks.risk_score import RiskScore
from sc_deploy.privacy.attacks.rmia_offline import RMIA_OFFLINE
from sc_deploy.privacy.attacks.rmia_online import RMIA_ONLINE
from sc_deploy.privacy.attacks.student_t import STUDENT_T

if TYPE_CHECKING:
    from sc_deploy.contracts import Attack

ATTACKS: tuple[Attack, ...] = (
    LOSS,
    CONFIDENCE,
    ENTROPY,
    MODIFIED_ENTROPY,
    MODIFIED_ENTROPY_GLOBAL,
    LOSS_PER_CLASS,
    GapAttack(),
    RiskScore(),
    NeuralAttack(),
    NeuralPaperAttack(),
    LabelOnlyAttack(),
    BoundaryAttack(),
    QuantileAttack(),
    LIRA_ONLINE,
    LIRA_OFFLINE,
    LIRA_FIXED,
    RMIA_OFFLINE,
    RMIA_ONLINE,
    BASE,
    STUDENT_T,
)

COARSE: Final = frozenset({"gap", "label-only", "boundary"})
"""Attacks that see no more than answered labels: samples tie because so little is known of them,
whatever the model answers, and no threshold has a low false-positive rate."""


def by_name(name: str) -> Attack:
    """The attack that a policy calls so. Raises UsageError."""
    for attack in ATTACKS:
        if attack.name == name:
            return attack
    raise UsageError(
        f"there is no attack {name!r}",
        remedy=f"name one of {', '.join(attack.name for attack in ATTACKS)}",
    )
