"""The loss attack, each loss placed among those of the non-members of its class."""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks import loss
from sc_deploy.privacy.attacks.class_attack import ClassAttack

LOSS_PER_CLASS: Final = ClassAttack("loss-per-class", loss.signal)
