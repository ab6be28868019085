"""RMIA as published, with references of which some trained on the sample."""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks.by_references import ReferenceAttack
from sc_deploy.privacy.references import rmia

RMIA_ONLINE: Final = ReferenceAttack("rmia-online", rmia.learn_online, rmia.ONLINE)
