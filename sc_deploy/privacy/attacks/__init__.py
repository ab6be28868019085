"""Membership-inference attacks, one a file; a policy names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.errors import UsageError
from sc_deploy.privacy.attacks.loss import LossAttack
from sc_deploy.privacy.attacks.modified_entropy import ModifiedEntropyAttack
from sc_deploy.privacy.attacks.neural import NeuralAttack
from sc_deploy.privacy.attacks.version_difference import VersionDifferenceAttack
from sc_deploy.privacy.attacks.white_box import WhiteBoxAttack

if TYPE_CHECKING:
    from sc_deploy.contracts import Attack

ATTACKS: tuple[Attack, ...] = (
    LossAttack(),
    ModifiedEntropyAttack(),
    NeuralAttack(),
    VersionDifferenceAttack(),
    WhiteBoxAttack(),
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
