"""Whether attacks are shown to do no better, and no worse, than guessing (OWASP AISVS 11.2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.audit.evidence import ARTIFACT
from sc_deploy.audit.topic import ABSOLUTE, Topic

if TYPE_CHECKING:
    from sc_deploy.contracts import AttackResult, Audit, Check
    from sc_deploy.policy import Policy

NAME: Final = "AISVS 11.2.5: attacks do no better than guessing"
CHANCE: Final = 0.5


def checks(audit: Audit, policy: Policy) -> tuple[Check, ...]:
    """|AUC - 1/2| < delta for every attack of the policy, by two one-sided tests.

    OWASP AISVS 1.0 asks in 11.2.5 that simulated membership inference be no better than random
    guessing. A large p-value does not show that; equivalence does (Schuirmann 1987): both bounds,
    each with the policy's confidence, lie within delta of one half. All attacks must
    (intersection-union). Delta is the room that the policy's AUC limit leaves. The line is shown
    and never gates: the limit already does. None where no attack was run.
    """
    judged = [found for s in audit.subjects if s.name == ARTIFACT for found in s.attacks]
    judged = [found for found in judged if found.attack in policy.attacks]
    if not judged:
        return ()
    delta = policy.absolute.auc - CHANCE
    topic = Topic(NAME, ABSOLUTE, policy.absolute.auc, required=False)
    farthest = max(judged, key=_distance)
    told = (
        f"|AUC - 0.5| of every attack against a margin of {delta:.3g}, by two one-sided tests; "
        f"farthest from 0.5 is the {farthest.attack} attack, "
        f"[{farthest.auc.low:.4f}, {farthest.auc.high:.4f}]"
    )
    if len(judged) == len(policy.attacks) and _distance(farthest) < delta:
        return (topic.passed(f"shown: {told}", farthest.auc),)
    return (topic.undecided(None, f"not shown: {told}", "", farthest.auc),)


def _distance(found: AttackResult) -> float:
    """How far from one half the farther end of the interval lies."""
    return max(found.auc.high - CHANCE, CHANCE - found.auc.low)
