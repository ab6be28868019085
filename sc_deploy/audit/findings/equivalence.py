"""Whether attacks are shown to do no better, and no worse, than guessing (OWASP AISVS 11.2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.audit.evidence import ARTIFACT
from sc_deploy.audit.topic import ABSOLUTE, Topic
from sc_deploy.privacy.statistics.equivalence import NO_BETTER_THAN_A_COIN as COIN

if TYPE_CHECKING:
    from sc_deploy.contracts import AttackResult, Audit, Check
    from sc_deploy.policy import Policy

NAME: Final = "AISVS 11.2.5: attacks do no better than guessing"


def checks(audit: Audit, policy: Policy) -> tuple[Check, ...]:
    """|AUC - 1/2| < .02 for every attack of the policy, by two one-sided tests.

    OWASP AISVS 1.0 asks in 11.2.5 that simulated membership inference be no better than random
    guessing. A large p-value does not show that; equivalence does: both bounds, each with the
    policy's confidence, lie near one half. All attacks must (intersection-union). The line is
    shown and never gates: the policy's limit does. None where no attack was run.
    """
    judged = [found for s in audit.subjects if s.name == ARTIFACT for found in s.attacks]
    judged = [found for found in judged if found.attack in policy.attacks]
    if not judged:
        return ()
    topic = Topic(NAME, ABSOLUTE, COIN.centre + COIN.margin, required=False)
    farthest = max(judged, key=_distance)
    told = (
        f"two one-sided tests of |AUC - {COIN.centre:g}| < {COIN.margin:g} for every attack; the "
        f"farthest is the {farthest.attack} attack, AUC {farthest.auc.value:.4f} "
        f"[{farthest.auc.low:.4f}, {farthest.auc.high:.4f}]"
    )
    if len(judged) == len(policy.attacks) and all(COIN.holds(found.auc) for found in judged):
        return (topic.passed(f"shown: {told}", farthest.auc),)
    return (topic.undecided(None, f"not shown: {told}", "", farthest.auc),)


def _distance(found: AttackResult) -> float:
    """How far from one half the farther end of the interval lies."""
    return max(found.auc.high - COIN.centre, COIN.centre - found.auc.low)
