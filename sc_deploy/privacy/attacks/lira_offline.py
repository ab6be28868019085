"""Does the answer lie above those of models that did not train on the sample?"""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks.by_references import ReferenceAttack
from sc_deploy.privacy.references import lira_offline

LIRA_OFFLINE: Final = ReferenceAttack("lira-offline", lira_offline.learn, lira_offline.LEAST)
