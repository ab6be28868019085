"""Which evidence, beside samples, the checks of a policy wait for, and when none can ever come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.detectors import strength
from sc_deploy.audit.gate import LOW_FPR
from sc_deploy.audit.questions import unasked
from sc_deploy.audit.scores import LACKING
from sc_deploy.audit.tier import LEAST_REFERENCES
from sc_deploy.contracts import Channel, Tier
from sc_deploy.errors import Problem
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.policy import Policy


def needed_tier(policy: Policy) -> Tier:
    """The evidence tier that some limit of the policy waits for; T0 if none does."""
    limits = policy.absolute.tpr
    if not isinstance(policy.relative, str):
        limits += policy.relative.tpr
    low = any(tpr.limit is not None and tpr.fpr <= LOW_FPR for tpr in limits)
    return policy.low_fpr_tier if low else Tier.T0


def asks_references(policy: Policy) -> bool:
    """Whether some gating attack asks reference models, so that no PASS comes without them."""
    return any(Channel.REFERENCES in by_name(attack).needs for attack in policy.attacks)


def reference_models(policy: Policy) -> int:
    """How many: 0 where nothing asks them. So many as the tier takes are enough for any scorer."""
    wanted = asks_references(policy) or needed_tier(policy) is Tier.T2
    return LEAST_REFERENCES if wanted else 0


def beside_answers(policy: Policy) -> tuple[str, ...]:
    """What gating attacks must be told besides answers, or nothing passes: a sentence each."""
    return tuple(
        f"the {attack} attack needs {' and '.join(LACKING[n] for n in Channel if n in needs)}"
        for attack in policy.attacks
        if (needs := by_name(attack).needs)
    )


def needs_canaries(policy: Policy) -> bool:
    """Whether tier T1 has to come from canaries; reference models that gate give T2 anyway."""
    return needed_tier(policy) is Tier.T1 and not asks_references(policy)


def never(policy: Policy) -> Iterator[Problem]:
    """Why some check of the policy stays INCONCLUSIVE whatever samples there are."""
    if set(policy.attacks) == {strength.YARDSTICK}:
        yield Problem(
            strength.TOPIC.name,
            "the gap attack is all that the policy has, and cannot be held against itself",
            "add the loss attack to the policy",
        )
    if topics := unasked(policy):
        yield Problem(
            ", ".join(topic.name for topic in topics),
            "every attack of the policy sees labels alone, and has no low false-positive rate",
            "add the loss attack to the policy, or set these limits to null",
        )
    elif needed_tier(policy) is Tier.T2 and not asks_references(policy):
        yield Problem(
            "low_fpr_tier",
            "tier T2 takes a gating attack that asks reference models, and the policy has none",
            "add base or lira-fixed to `attacks`, or set low_fpr_tier to T1",
        )
    elif needs_canaries(policy) and policy.canaries.epsilon is None and policy.canaries.auc is None:
        yield Problem(
            "low_fpr_tier",
            "tier T1 takes canaries that a limit binds, and the policy sets none",
            "set canaries.epsilon or canaries.auc in the policy, or low_fpr_tier to T0",
        )
