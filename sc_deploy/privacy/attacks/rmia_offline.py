"""RMIA as published, with references that did not train on the sample."""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks.by_references import ReferenceAttack
from sc_deploy.privacy.references import rmia

RMIA_OFFLINE: Final = ReferenceAttack("rmia", rmia.learn_offline, rmia.OFFLINE)
