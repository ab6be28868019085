"""What each model's answers give away of the task's sensitive attribute, beyond the label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.evidence import ARTIFACT, AUDIT, CALIBRATION
from sc_deploy.audit.questions import two_sided
from sc_deploy.audit.remedies import AGAIN
from sc_deploy.audit.topic import ABSOLUTE, Topic
from sc_deploy.contracts import (
    AttributeInference,
    Cause,
    Channel,
    Excess,
    Observation,
    Predictions,
)
from sc_deploy.privacy.attacks import attribute
from sc_deploy.privacy.statistics import clustered
from sc_deploy.privacy.statistics.balanced_change import BalancedChange
from sc_deploy.privacy.statistics.proportion import mean_share
from sc_deploy.privacy.statistics.units import known

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sc_deploy.audit.scores import Exposed
    from sc_deploy.contracts import Check, Guesses, Rate, Role
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.policy import Policy

NAME: Final = "attribute inferred beyond the label"
LEAST: Final = 10
REMEDY: Final = "train with the attribute-inference safety test, or leave out what betrays it"


@dataclass(frozen=True, slots=True, eq=False)
class Guessed:
    """Guesses from the answers and from the label `alone`, a group for each value of the
    attribute; `units` int64 [n] of each group, None where each sample is a draw of its own."""

    ours: Guesses
    alone: Guesses
    units: tuple[Int64, ...] | None

    @property
    def gain(self) -> BalancedChange:
        groups = tuple(zip(self.alone.right, self.ours.right, strict=True))
        return BalancedChange(groups, self.units)

    def accuracy(self, of: Guesses, confidence: float) -> Rate:
        if self.units is None:
            return mean_share(of.right, confidence=confidence)
        parts = [
            clustered.share(right, unit, confidence=confidence)
            for right, unit in zip(of.right, self.units, strict=True)
        ]
        return clustered.mean(parts, self.units, confidence=confidence)


def infer(models: Mapping[str, Exposed]) -> dict[str, Guessed]:
    """Guesses from answers and from labels alone, by model whose task names an attribute.

    Attackers learn from calibration samples, members or not, and guess about audit samples. A
    value that has fewer than ten samples of either is left out.
    """
    found = {}
    for name, model in models.items():
        told, asked = _seen(model, CALIBRATION), _seen(model, AUDIT)
        if told is None or asked is None:
            continue
        values = _common(told, asked)
        if len(values) >= 2:
            units = _units(model, asked, values)
            told, asked = (_only(side, values) for side in (told, asked))
            ours, alone = attribute.guess(told, asked), attribute.guess_by_label(told, asked)
            found[name] = Guessed(ours, alone, units)
    return found


def measure(guessed: Mapping[str, Guessed], policy: Policy) -> tuple[AttributeInference, ...]:
    confidence = two_sided(policy)
    return tuple(
        AttributeInference(
            subject=name,
            values=len(found.ours.right),
            accuracy=found.accuracy(found.ours, confidence),
            baseline=found.accuracy(found.alone, confidence),
            gain=found.gain.rate(confidence),
        )
        for name, found in guessed.items()
    )


def excesses(guessed: Mapping[str, Guessed], policy: Policy) -> tuple[Excess, ...]:
    """The p-value of the artifact's gain at the policy's limit, if it has one."""
    if policy.attribute is None or ARTIFACT not in guessed:
        return ()
    p = guessed[ARTIFACT].gain.p_above(policy.attribute)
    return (Excess(NAME, policy.attribute, p),)


def checks(
    found: Sequence[AttributeInference], policy: Policy, above: Collection[str]
) -> tuple[Check, ...]:
    """None where nothing was measured and no limit is set."""
    ours = next((one for one in found if one.subject == ARTIFACT), None)
    topic = Topic(NAME, ABSOLUTE, policy.attribute, required=policy.attribute is not None)
    if ours is not None:
        return (_held(topic, ours, policy, above),)
    if policy.attribute is None:
        return ()
    return (
        topic.undecided(
            Cause.EVIDENCE_MISSING,
            "the task names no attribute, or too few samples have each of its values",
            "name an attribute in the task, or set attribute to null in the policy",
        ),
    )


def _held(topic: Topic, found: AttributeInference, policy: Policy, above: Collection[str]) -> Check:
    rate, limit = found.gain, topic.limit
    told = (
        f"balanced accuracy {found.accuracy.value:.3f} from answers, {found.baseline.value:.3f} "
        f"from labels: gain {rate.value:+.3f} [{rate.low:+.3f}, {rate.high:+.3f}]"
    )
    if limit is None:
        return topic.undecided(None, f"{told}; shown only, the policy sets no limit", "", rate)
    if topic.name in above:
        return topic.failed(f"{told}, above the limit {limit:g}", REMEDY, rate)
    if not np.isclose(rate.confidence, two_sided(policy)):
        stale = f"{told}; it was measured for another policy"
        return topic.undecided(Cause.EVIDENCE_STALE, stale, AGAIN, rate)
    return _by_bound(topic, rate, told, limit)


def _by_bound(topic: Topic, rate: Rate, told: str, limit: float) -> Check:
    if rate.high < limit:
        return topic.passed(f"{told}, below the limit {limit:g}", rate)
    told = f"{told}, not surely below the limit {limit:g}"
    if rate.value >= limit:
        return topic.undecided(Cause.BEYOND_MARGIN, told, REMEDY, rate)
    return topic.undecided(Cause.TOO_FEW_SAMPLES, told, "audit with more samples", rate)


def _seen(model: Exposed, roles: Sequence[Role]) -> Observation | None:
    """Members and non-members as one; None where the attribute of a side is not known."""
    sides = [model.answers[role] for role in roles]
    known = [side.attribute for side in model.beside(roles) if Channel.ATTRIBUTE in side.channels]
    values = [value for value in known if value is not None]
    if len(values) < len(sides):
        return None
    joined = (
        np.concatenate([getattr(side, name) for side in sides])
        for name in ("logits", "labels", "sample_id")
    )
    return Observation(Predictions(*joined), attribute=np.concatenate(values))


def _units(model: Exposed, asked: Observation, values: Sequence[int]) -> tuple[Int64, ...] | None:
    """Whose samples the audited ones of each of these values are; None where nobody knows."""
    inside, outside = (len(model.answers[role].labels) for role in AUDIT)
    found = known(*model.beside(AUDIT), (inside, outside))
    if found is None:
        return None
    unit, truth = np.concatenate([found.members, found.non_members]), attribute.of(asked)
    return tuple(unit[truth == value] for value in values)


def _common(told: Observation, asked: Observation) -> list[int]:
    """The values that at least ten samples of both sides have."""
    sides = []
    for seen in (told, asked):
        value, count = np.unique(attribute.of(seen), return_counts=True)
        sides.append(set(value[count >= LEAST].tolist()))
    return sorted(sides[0] & sides[1])


def _only(seen: Observation, values: Sequence[int]) -> Observation:
    return seen.take(np.flatnonzero(np.isin(attribute.of(seen), values)))
