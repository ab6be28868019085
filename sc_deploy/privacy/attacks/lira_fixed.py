"""LiRA for fewer than 64 references: one variance for all samples."""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks.by_references import ReferenceAttack
from sc_deploy.privacy.references import lira_fixed

LIRA_FIXED: Final = ReferenceAttack("lira-fixed", lira_fixed.learn, lira_fixed.LEAST)
