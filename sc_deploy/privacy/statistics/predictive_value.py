"""How often an attacker is right about a sample that it calls a member."""

from __future__ import annotations

from typing import Final

from sc_deploy.contracts import Rate

PRIORS: Final = (0.1, 0.01, 0.001)
"""Shares of members among those whom an attacker asks about."""


def ppv(tpr: float, *, fpr: float, prior: float) -> float:
    """Positive predictive value: the share of members among all who are called so.

    A TPR of 8.4 % at an FPR of 0.1 % is right in 90 % of its calls where one in ten is a
    member, in 8 % where one in a thousand is. 0 where nobody is called a member.
    """
    named = prior * tpr + (1.0 - prior) * fpr
    return prior * tpr / named if named > 0.0 else 0.0


def ppv_rate(tpr: Rate, *, fpr: float, prior: float) -> Rate:
    """`ppv` of a measured TPR; it rises with the TPR, so bounds go to bounds."""
    value, low, high = (
        ppv(point, fpr=fpr, prior=prior) for point in (tpr.value, tpr.low, tpr.high)
    )
    return Rate(value, low, high, tpr.n, tpr.confidence)
