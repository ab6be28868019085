"""A verdict in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.evidence import ARTIFACT

if TYPE_CHECKING:
    from sc_deploy.contracts import Audit, Rate, Verdict


def verdict(audit: Audit, found: Verdict) -> str:
    """FAIL, largest AUC 0.712 [0.690, 0.733]"""
    auc = largest_auc(audit)
    if auc is None:
        return str(found.outcome)
    return f"{found.outcome}, largest AUC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}]"


def largest_auc(audit: Audit) -> Rate | None:
    found = (a.auc for s in audit.subjects if s.name == ARTIFACT for a in s.attacks)
    return max(found, key=lambda rate: rate.value, default=None)
