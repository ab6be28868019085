"""Is the label likelier to this model than to the average one?"""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks.by_references import ReferenceAttack
from sc_deploy.privacy.references import base

BASE: Final = ReferenceAttack("base", base.learn, base.LEAST)
