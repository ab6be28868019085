"""Is the answer likelier of models that trained on the sample than of models that did not?"""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks.by_references import ReferenceAttack
from sc_deploy.privacy.references import lira_online

LIRA_ONLINE: Final = ReferenceAttack("lira-online", lira_online.learn, lira_online.LEAST)
