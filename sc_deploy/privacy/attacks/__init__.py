"""Membership-inference attacks, one a file; a policy names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.errors import UsageError
from sc_deploy.privacy.attacks.base import BASE
from sc_deploy.privacy.attacks.lira_fixed import LIRA_FIXED
from sc_deploy.privacy.attacks.lira_offline import LIRA_OFFLINE
from sc_deploy.privacy.attacks.lira_online import LIRA_ONLINE
from sc_deploy.privacy.attacks.loss import LossAttack
from sc_deploy.privacy.attacks.modified_entropy import ModifiedEntropyAttack
from sc_deploy.privacy.attacks.neural import NeuralAttack
from sc_deploy.privacy.attacks.rmia_offline import RMIA_OFFLINE
from sc_deploy.privacy.attacks.rmia_online import RMIA_ONLINE
from sc_deploy.privacy.attacks.student_t import STUDENT_T

if TYPE_CHECKING:
    from sc_deploy.contracts import Attack

ATTACKS: tuple[Attack, ...] = (
    LossAttack(),
    ModifiedEntropyAttack(),
    NeuralAttack(),
    LIRA_ONLINE,
    LIRA_OFFLINE,
    LIRA_FIXED,
    RMIA_OFFLINE,
    RMIA_ONLINE,
    BASE,
    STUDENT_T,
)


def by_name(name: str) -> Attack:
    """The attack that a policy calls so. Raises UsageError."""
    for attack in ATTACKS:
        if attack.name == name:
            return attack
    raise UsageError(
        f"there is no attack {name!r}",
        remedy=f"name one of {', '.join(attack.name for attack in ATTACKS)}",
    )
