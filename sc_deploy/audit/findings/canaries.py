"""What planted canaries show of each model of the chain, and whether the policy allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from sc_deploy.audit.evidence import ARTIFACT, DENSE, SOURCE
from sc_deploy.audit.questions import two_sided
from sc_deploy.audit.remedies import AGAIN
from sc_deploy.audit.topic import ABSOLUTE, Topic
from sc_deploy.contracts import CanaryAudit, CanaryStage, Cause, Excess, Role
from sc_deploy.privacy.canaries import Coins, guess
from sc_deploy.privacy.statistics.auc import auc, auc_change
from sc_deploy.privacy.statistics.one_run import epsilon_bound, p_value
from sc_deploy.privacy.statistics.proportion import proportion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sc_deploy.audit.pairing import Paired
    from sc_deploy.contracts import Check, Planted, Predictions, Rate
    from sc_deploy.policy import Policy

RIGHT: Final = "right guesses about canaries"
AUC: Final = "AUC of canaries"
CHAIN: Final = (DENSE, SOURCE, ARTIFACT)
LEAKS: Final = "train with a defence (dp-sgd bounds epsilon from above), or do not ship it"


def measure(planted: Planted | None, paired: Paired, policy: Policy) -> CanaryAudit | None:
    """The leak budget of the chain; None where the run planted nothing.

    Nothing is measured on a model that answered for other canaries than were planted.
    """
    if planted is None:
        return None
    models = {DENSE: paired.dense, SOURCE: paired.source, ARTIFACT: paired.artifact}
    coins = {name: _coins(models[name], planted) for name in CHAIN}
    found = {name: of for name, of in coins.items() if not isinstance(of, str)}
    stages, before = [], None
    for name, these in found.items():
        stages.append(_stage(name, these, before, policy))
        before = these
    lacking = coins[ARTIFACT]
    measured = 0 if isinstance(lacking, str) else len(planted.label)
    why = lacking if isinstance(lacking, str) else ""
    return CanaryAudit(len(planted.label), measured, tuple(stages), why)


def excesses(planted: Planted | None, paired: Paired, policy: Policy) -> tuple[Excess, ...]:
    """The p-values of the artifact's figures at the policy's limits."""
    coins = "" if planted is None else _coins(paired.artifact, planted)
    if isinstance(coins, str):
        return ()
    guessed, epsilon = guess(coins, share=policy.canaries.guesses), policy.canaries.epsilon
    p = {
        RIGHT: 1.0 if epsilon is None else p_value(guessed, epsilon),
        AUC: 1.0 if policy.canaries.auc is None else auc(*coins.sides).p_above(policy.canaries.auc),
    }
    return tuple(
        Excess(name, limit, p[name]) for name, limit in limits(policy).items() if limit is not None
    )


def limits(policy: Policy) -> dict[str, float | None]:
    """The limit of each check; that of epsilon as the share of right guesses that it allows."""
    epsilon = policy.canaries.epsilon
    share = None if epsilon is None else float(special.expit(epsilon))
    return {RIGHT: share, AUC: policy.canaries.auc}


def checks(found: CanaryAudit | None, policy: Policy, above: Collection[str]) -> tuple[Check, ...]:
    """None where nothing was planted. `above` are the checks whose limit is surely exceeded."""
    if found is None:
        return ()
    stage = next((stage for stage in found.stages if stage.subject == ARTIFACT), None)
    if stage is None or found.lacking:
        return tuple(_unmeasured(topic, found) for topic in _topics(policy))
    hits = f"{round(stage.right.value * stage.right.n)} of {stage.right.n} guesses are right"
    told = {
        RIGHT: (stage.right, f"{hits}: epsilon is at least {stage.epsilon:.2f}"),
        AUC: (stage.auc, f"AUC {stage.auc.value:.3f}"),
    }
    return tuple(_held(topic, *told[topic.name], policy, above) for topic in _topics(policy))


def _topics(policy: Policy) -> tuple[Topic, ...]:
    return tuple(
        Topic(name, ABSOLUTE, limit, required=limit is not None)
        for name, limit in limits(policy).items()
    )


def _held(topic: Topic, rate: Rate, told: str, policy: Policy, above: Collection[str]) -> Check:
    told = f"{told} (bounds {rate.low:.3f} and {rate.high:.3f})"
    if topic.limit is None:
        return topic.undecided(None, f"{told}; shown only, the policy sets no limit", "", rate)
    if topic.name in above:
        return topic.failed(f"{told}, above the limit {topic.limit:.3f}", LEAKS, rate)
    if not np.isclose(rate.confidence, two_sided(policy)):
        return topic.undecided(
            Cause.EVIDENCE_STALE, f"{told}; it was measured for another policy", AGAIN, rate
        )
    if rate.high < topic.limit:
        return topic.passed(f"{told}, below the limit {topic.limit:.3f}", rate)
    if rate.value >= topic.limit:
        return topic.undecided(
            Cause.BEYOND_MARGIN, f"{told}, not below the limit {topic.limit:.3f}", LEAKS, rate
        )
    return topic.undecided(
        Cause.TOO_FEW_SAMPLES,
        f"{told}, not surely below the limit {topic.limit:.3f}",
        "plant more canaries (canaries.count of the recipe)",
        rate,
    )


def _unmeasured(topic: Topic, found: CanaryAudit) -> Check:
    return topic.undecided(
        Cause.EVIDENCE_MISSING,
        f"{found.planted} canaries were planted, and {found.lacking or 'none was measured'}",
        "have the file answer them: `scdeploy audit RUN`; if it stays, compress again",
    )


def _coins(answers: Mapping[Role, Predictions] | None, planted: Planted) -> Coins | str:
    """The model's canaries with their coins, or in words why they are not those planted."""
    if answers is None:
        return "it gave no usable answers"
    inside, outside = (answers.get(role) for role in (Role.MEMBER_CANARY, Role.NON_MEMBER_CANARY))
    if inside is None or outside is None or not len(inside.labels) or not len(outside.labels):
        return "one side of them has no answers"
    found = {(*key, True) for key in _named(inside)} | {(*key, False) for key in _named(outside)}
    wanted = {
        (row.tobytes(), int(label), bool(member))
        for row, label, member in zip(planted.sample_id, planted.label, planted.member, strict=True)
    }
    if found != wanted or len(inside.labels) + len(outside.labels) != len(wanted):
        return "the answers are about other canaries, labels or coins"
    return Coins.of(inside, outside)


def _named(side: Predictions) -> set[tuple[bytes, int]]:
    return {
        (row.tobytes(), int(label)) for row, label in zip(side.sample_id, side.labels, strict=True)
    }


def _stage(name: str, coins: Coins, before: Coins | None, policy: Policy) -> CanaryStage:
    confidence = two_sided(policy)
    guessed = guess(coins, share=policy.canaries.guesses)
    change = None if before is None else auc_change(before.sides, coins.sides).rate(confidence)
    return CanaryStage(
        subject=name,
        auc=auc(*coins.sides).rate(confidence),
        change=change,
        right=proportion(guessed.right, guessed.guesses, confidence=confidence),
        epsilon=epsilon_bound(guessed, confidence=policy.confidence),
    )
